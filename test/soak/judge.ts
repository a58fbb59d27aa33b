/** Whether a Pod went its way as planned, seen from outside: its status, its runs as counted by a file, its containers. */
import type { ContainerStatus, Pod } from '../../pod/types.ts';
import type { RuntimeContainer } from '../../runtime/port.ts';
import type { Expected } from './plan.ts';

export const ANOMALIES = [
  'ran again',
  'skipped',
  'created twice',
  'failed though nothing failed',
  'stuck',
  'exit lost',
  'wrong restartCount',
] as const;
export type Anomaly = (typeof ANOMALIES)[number];

export interface Observed {
  /** Undefined when the API does not have it. */
  pod: Pod | undefined;
  /** How often each container's program ran. */
  runs: Record<string, number>;
  /** What the runtime has of the Pod. */
  containers: Pick<RuntimeContainer, 'id' | 'name' | 'attempt'>[];
}

export interface Found {
  kind: Anomaly;
  detail: string;
}

/** True when nothing more is to come, be it as expected or not. */
export function atRest(expected: Expected, pod: Pod | undefined): boolean {
  const phase = pod?.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  return phase === expected.phase && statuses(pod).every((s, i) => isDone(expected.containers[i], s));
}

function isDone(expected: Expected['containers'][number] | undefined, status: ContainerStatus): boolean {
  if (!expected || expected.runs === 0) return true;
  return expected.exitCode === undefined ? status.state?.running !== undefined : status.state?.terminated !== undefined;
}

/** Every anomaly with what was seen. */
export function judge(expected: Expected, { pod, runs, containers }: Observed): Found[] {
  const found: Found[] = [];
  const say = (kind: Anomaly, detail: string) => found.push({ kind, detail });
  const phase = pod?.status?.phase;
  if (phase === 'Failed' && expected.phase !== 'Failed') say('failed though nothing failed', phase);
  else if (!atRest(expected, pod) || phase !== expected.phase) {
    say('stuck', `${phase}, not ${expected.phase}: ${JSON.stringify(statuses(pod).map((s) => s.state))}`);
  }
  for (const want of expected.containers) {
    const ran = runs[want.name] ?? 0;
    if (ran > want.runs) say('ran again', `${want.name} ran ${ran} times, not ${want.runs}`);
    if (ran < want.runs) say('skipped', `${want.name} ran ${ran} times, not ${want.runs}`);
    const status = statuses(pod).find((s) => s.name === want.name);
    const restarts = status?.restartCount ?? 0;
    const last = status?.lastState?.terminated;
    const before = last ? `, after ${last.exitCode} ${last.reason}` : '';
    if (restarts !== want.restarts)
      say('wrong restartCount', `${want.name}: ${restarts}, not ${want.restarts}${before}`);
    const end = status?.state?.terminated;
    if (end && end.exitCode !== want.exitCode) say('exit lost', `${want.name}: ${end.exitCode} ${end.reason}`);
  }
  for (const [index, container] of containers.entries()) {
    const same = containers.findIndex((c) => c.name === container.name && c.attempt === container.attempt);
    if (same !== index) say('created twice', `${container.name} ${container.attempt}`);
  }
  return found;
}

/** Whether the Pod says of an end that nobody saw it. */
export function hasUnseenEnd(pod: Pod | undefined): boolean {
  const ends = statuses(pod).flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated]);
  return ends.some((end) => end?.reason === 'ContainerStatusUnknown');
}

/**
 * Whether all that is wrong is a second run of containers of which the Pod says so: their runtime was killed before it
 * had kept that it had started them. `warnings` are the Pod's events, as `spec.containers{main} Failed …`.
 */
export function areStartsCutOff(found: Found[], warnings: string[]): boolean {
  return found.every(({ kind, detail }) => {
    const said = `{${detail.split(' ')[0]}} Failed The container runtime was lost while the container was being started`;
    return kind === 'ran again' && warnings.some((line) => line.includes(said));
  });
}

function statuses(pod: Pod | undefined): ContainerStatus[] {
  return [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
}
