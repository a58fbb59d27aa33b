/** What Pods wait for that may come about without them, and what brings it about. */
import type { Pod } from './types.ts';

/** `room`: a node that takes the Pod. `objects`: something of its namespace that it names. */
export type Wanted = 'room' | 'objects';

/** What a Pod waits for, by its status. */
export function waitsFor({ metadata, spec, status }: Pod): Wanted | undefined {
  if (metadata.deletionTimestamp || isOver(status)) return undefined;
  if (!spec.nodeName) return 'room';
  const { initContainerStatuses = [], containerStatuses = [], conditions = [] } = status ?? {};
  const reasons = [...initContainerStatuses, ...containerStatuses].map(({ state }) => state?.waiting?.reason);
  const hasSandbox = conditions.some((c) => c.type === 'PodReadyToStartContainers' && c.status === 'True');
  return !hasSandbox || reasons.includes('CreateContainerConfigError') ? 'objects' : undefined;
}

/** Whether a Pod that changed has given up its room on a node. */
export function leftRoom(before: Pod | undefined, now: Pod): boolean {
  return now.spec.nodeName !== undefined && isOver(now.status) && !isOver(before?.status);
}

/** What of a node has a say in which Pods it takes, as text to compare. */
export function offer(node: Node): string {
  const { metadata, spec, status = {} } = node;
  const ready = status.conditions?.find((c) => c.type === 'Ready')?.status;
  return JSON.stringify([metadata.labels, spec, status.allocatable, ready]);
}

interface Node {
  metadata: { labels?: Record<string, string>; name?: string };
  spec?: object;
  status?: { allocatable?: Record<string, string>; conditions?: { type: string; status: string }[] };
}

function isOver(status: Pod['status']): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
