/**
 * Which Pod goes first when its node is short of something: of those that use more than they asked for, the least
 * important, and of these the one that is furthest above. And what is said of it, in the kubelet's words.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction
 */
import { parseQuantity, wholeValue } from '../../pod/quantity.ts';
import { requestsOf } from '../../pod/requests.ts';
import type { Pod } from '../../pod/types.ts';
import type { DiskUsage } from '../housekeeping/disk-usage.ts';
import type { ContainerUse } from '../housekeeping/pod-usage.ts';
import { quantity, type Resource, type Shortage } from './thresholds.ts';

export interface Candidate {
  pod: Pod;
  containers: ContainerUse[];
  /** Of its emptyDirs on disk together. */
  volumes: DiskUsage;
}

/** First the one that goes first. */
export function evictionOrder(candidates: Candidate[], resource: Resource): Candidate[] {
  const ranked = candidates.map((candidate) => {
    const above = useOf(candidate, resource) - requestOf(candidate.pod, resource);
    return { candidate, above, priority: candidate.pod.spec.priority ?? 0 };
  });
  return ranked
    .sort((a, b) => Number(b.above > 0) - Number(a.above > 0) || a.priority - b.priority || b.above - a.above)
    .map(({ candidate }) => candidate);
}

function useOf({ containers, volumes }: Candidate, resource: Resource): number {
  const own = containers.reduce((sum, container) => sum + containerUse(container, resource), 0);
  if (resource === 'memory') return own;
  if (resource === 'pids') return own;
  return own + (resource === 'inodes' ? volumes.inodes : volumes.bytes);
}

function containerUse({ memory, disk }: ContainerUse, resource: Resource): number {
  if (resource === 'memory') return memory;
  // The runtime does not say how many they have: only their importance counts.
  if (resource === 'pids') return 0;
  return resource === 'inodes' ? disk.inodes : disk.bytes;
}

/** There is no asking for inodes or processes. */
function requestOf(pod: Pod, resource: Resource): number {
  return requestsOf(pod)[resource] ?? 0;
}

/** Why it is evicted. */
export function evictionMessage({ pod, containers }: Candidate, { resource, threshold, available }: Shortage): string {
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${threshold}, available: ${available}. `;
  const large = containers.flatMap((container) => {
    const asked = allContainers(pod).find(({ name }) => name === container.name)?.resources?.requests?.[resource];
    const use = containerUse(container, resource);
    if (use <= (asked === undefined ? 0 : Number(wholeValue(parseQuantity(asked))))) return [];
    const told = `Container ${container.name} was using ${quantity(use)}, request is ${asked ?? 0}`;
    return `${told}, has larger consumption of ${resource}. `;
  });
  return low + large.join('');
}

function allContainers({ spec }: Pod) {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
