/** What Pods take of their node, and whether one more fits. */
import { milliValue, parseQuantity, wholeValue } from './quantity.ts';
import { effectiveResources, type ResourceList } from './resources.ts';
import type { Pod, PodSpec } from './types.ts';

/** Thousandths of a core of `cpu`, whole units (bytes, Pods) of the others. */
export type Amounts = Record<string, number>;

export interface Shortage {
  resource: string;
  requested: number;
  used: number;
  capacity: number;
}

/** A resource list as amounts. */
export function amountsOf(list: ResourceList): Amounts {
  return Object.fromEntries(
    Object.entries(list).map(([name, text]) => {
      const quantity = parseQuantity(text);
      return [name, Number(name === 'cpu' ? milliValue(quantity) : wholeValue(quantity))];
    }),
  );
}

export function addAmounts(sum: Amounts, more: Amounts): void {
  for (const [name, amount] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + amount;
}

/**
 * What a Pod takes: the greatest sum of its containers' requests, in place of which the Pod's own count where it has any
 * (KEP-2837), and its RuntimeClass's overhead. While a resize waits for room, what it was granted counts (KEP-1287).
 */
export function requestsOf(pod: Pod): Amounts {
  const waits = pod.status?.conditions?.some((c) => c.type === 'PodResizePending');
  const spec = waits ? withAllocated(pod) : pod.spec;
  const amounts = amountsOf({ ...effectiveResources(spec, 'requests'), ...spec.resources?.requests });
  addAmounts(amounts, amountsOf(spec.overhead ?? {}));
  return { ...amounts, pods: 1 };
}

function withAllocated({ spec, status }: Pod): PodSpec {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const granted = <T extends PodSpec['containers']>(list: T) =>
    list.map((c) => {
      const found = statuses.find((s) => s.name === c.name);
      return found ? { ...c, resources: { ...c.resources, requests: found.allocatedResources } } : c;
    });
  return { ...spec, initContainers: granted(spec.initContainers ?? []), containers: granted(spec.containers) };
}

/** A shortage in the kubelet's words. */
export function notEnough(what: 'resource' | 'capacity', { resource, requested, used, capacity }: Shortage): string {
  const taken = what === 'resource' ? `, used: ${used}` : '';
  return `Node didn't have enough ${what}: ${resource}, requested: ${requested}${taken}, capacity: ${capacity}`;
}

const ORDER = ['pods', 'cpu', 'memory', 'ephemeral-storage'];

/** What is missing for a Pod, in upstream's order. A resource that `allocatable` does not name is not there at all. */
export function shortages(requested: Amounts, used: Amounts, allocatable: Amounts): Shortage[] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.keys(requested)
    .sort((a, b) => place(a) - place(b))
    .map((resource) => ({
      resource,
      requested: requested[resource]!,
      used: used[resource] ?? 0,
      capacity: allocatable[resource] ?? 0,
    }))
    .filter(({ requested, used, capacity }) => requested > 0 && requested + used > capacity);
}
