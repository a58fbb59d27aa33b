import { addQuantity, compareQuantity, parseQuantity, type Quantity } from './quantity.ts';
import type { PodSpec } from './types.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'];
type Totals = Map<string, Quantity>;

/** The positive cpu and memory entries of a resource list. */
const counted = (list: Record<string, string> | undefined): [string, Quantity][] =>
  COUNTED.flatMap((name): [string, Quantity][] => {
    const quantity = list?.[name] === undefined ? undefined : parseQuantity(list[name]);
    return quantity && quantity.nanos > 0n ? [[name, quantity]] : [];
  });

/**
 * The Pod's quality of service class (Kubernetes docs, "Pod Quality of Service Classes"; with pod-level resources,
 * KEP-2837, those alone count). Ephemeral containers have no resources. Expects quantities that parse.
 */
export function qosClass(spec: PodSpec): QosClass {
  const holders = spec.resources
    ? [spec.resources]
    : [...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.resources ?? {});
  const requests: Totals = new Map();
  const limits: Totals = new Map();
  for (const holder of holders) {
    for (const [totals, list] of [
      [requests, holder.requests],
      [limits, holder.limits],
    ] as const) {
      for (const [name, quantity] of counted(list)) {
        const before = totals.get(name);
        totals.set(name, before ? addQuantity(before, quantity) : quantity);
      }
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const allLimited = holders.every((holder) => counted(holder.limits).length === COUNTED.length);
  const equal =
    requests.size === limits.size &&
    [...requests].every(([name, request]) => {
      const limit = limits.get(name);
      return limit !== undefined && compareQuantity(request, limit) === 0;
    });
  return allLimited && equal ? 'Guaranteed' : 'Burstable';
}
