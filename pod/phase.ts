/**
 * The phase of a Pod, from its containers, as the kubelet derives it.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase
 */
import type { ContainerRecord } from './record.ts';
import { afterExit, endedForGood } from './restart.ts';
import type { ContainerView, PodView } from './view.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** Whether nothing of a Pod in this phase will run any more. */
export function isOver(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Finds the record of a container. */
export type RecordOf = (name: string) => ContainerRecord | undefined;

export function phaseOf(pod: PodView, recordOf: RecordOf): Phase {
  const inits = pod.containers.filter((c) => c.kind === 'init' || c.kind === 'sidecar');
  if (inits.some((c) => initFailed(pod, c, recordOf(c.name)))) return 'Failed';
  const mains = pod.containers.filter((c) => c.kind === 'main').map((c) => ({ view: c, record: recordOf(c.name) }));
  const everStarted = mains.some(({ record }) => record && (record.phase !== 'waiting' || record.last));
  if (!everStarted && inits.some((c) => !initDone(c, recordOf(c.name)))) return 'Pending';
  if (mains.some(({ record }) => !record || (record.phase === 'waiting' && !record.last))) return 'Pending';
  if (mains.every(({ view, record }) => endedForGood(pod, view, record))) {
    return mains.every(({ record }) => record?.exit?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  return 'Running';
}

/** An init container is done when it completed; a sidecar when it has started. */
export function initDone(view: ContainerView, record: ContainerRecord | undefined): boolean {
  if (view.kind === 'sidecar') return record?.phase === 'running' && record.started;
  return record?.phase === 'exited' && record.exit?.exitCode === 0;
}

function initFailed(pod: PodView, view: ContainerView, record: ContainerRecord | undefined): boolean {
  return (
    view.kind === 'init' &&
    record?.phase === 'exited' &&
    record.exit !== undefined &&
    afterExit(pod, view, record.exit) === 'failed'
  );
}

/** The phase of a Pod whose containers were all ended from outside (deletion, deadline): by what they exited with. */
export function phaseWhenStopped(pod: PodView, recordOf: RecordOf): Phase {
  const mains = pod.containers.filter((c) => c.kind === 'main');
  return mains.every((c) => recordOf(c.name)?.exit?.exitCode === 0) ? 'Succeeded' : 'Failed';
}
