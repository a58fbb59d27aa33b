/** What Pods wait for that may come about without them, and what brings it about. */
import { isOver } from './phase.ts';
import type { Node, Pod } from './types.ts';

/** `room`: a node that takes the Pod. `objects`: something of its namespace that it names. */
export type Wanted = 'room' | 'objects';

/** What a Pod waits for, by its status. */
export function waitsFor({ metadata, spec, status }: Pod): Wanted | undefined {
  if (metadata.deletionTimestamp || isOver(status?.phase)) return undefined;
  if (!spec.nodeName) return spec.schedulingGates?.length ? undefined : 'room';
  const { initContainerStatuses = [], containerStatuses = [], conditions = [] } = status ?? {};
  const reasons = [...initContainerStatuses, ...containerStatuses].map(({ state }) => state?.waiting?.reason);
  const hasSandbox = conditions.some((c) => c.type === 'PodReadyToStartContainers' && c.status === 'True');
  return !hasSandbox || reasons.includes('CreateContainerConfigError') ? 'objects' : undefined;
}

/** Whether a Pod that changed, or is gone, has given up its room on a node by that. */
export function leftRoom(before: Pod | undefined, now: Pod | undefined): boolean {
  return hasRoom(before) && !hasRoom(now);
}

/** What of a node has a say in which Pods it takes, as text to compare. */
export function offer({ metadata, spec, status }: Node): string {
  const ready = status?.conditions?.find((c) => c.type === 'Ready')?.status;
  return JSON.stringify([metadata.labels, spec, status?.allocatable, ready]);
}

function hasRoom(pod: Pod | undefined): boolean {
  return pod?.spec.nodeName !== undefined && !isOver(pod.status?.phase);
}
