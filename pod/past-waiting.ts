/**
 * What waits in a Pod that is over will never start: it is said to have failed, in words unknown, as the kubelet's
 * status manager says it. What had not had its turn yet when the Pod ended goes on waiting for its initialization.
 */
import type { ContainerStatus } from './types.ts';

const UNKNOWN = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

/** The statuses of init containers with sidecars, and of main containers, once their Pod is over. */
export function pastWaiting(
  inits: ContainerStatus[],
  mains: ContainerStatus[],
): { inits: ContainerStatus[]; mains: ContainerStatus[] } {
  const initialized = mains.some(hasBegun) || inits.length === 0 || hasCompleted(inits[inits.length - 1]);
  const turns = Math.max(inits.findLastIndex(hasBegun), 0);
  return {
    inits: inits.map((status, i) => (i <= turns ? given(status) : status)),
    mains: initialized ? mains.map(given) : mains,
  };
}

function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting === undefined || lastState?.terminated !== undefined;
}

function hasCompleted(status: ContainerStatus | undefined): boolean {
  return [status?.state, status?.lastState].some((state) => state?.terminated?.exitCode === 0);
}

function given(status: ContainerStatus): ContainerStatus {
  return status.state?.waiting ? { ...status, state: { terminated: UNKNOWN } } : status;
}
