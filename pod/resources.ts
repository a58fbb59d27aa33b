/** What a Pod's containers ask for together. */
import { addQuantity, formatQuantity, maxQuantity, parseQuantity, type Quantity } from './quantity.ts';
import type { Container, PodSpec } from './types.ts';

/** Resource lists as they stand in a spec: `{cpu: '500m', memory: '1Gi'}`. */
export type ResourceList = Record<string, string>;
/** What a container is promised, and what it may not exceed. */
export interface Requirements {
  requests?: ResourceList;
  limits?: ResourceList;
}
type Totals = Map<string, Quantity>;

const merge = (a: Totals, b: Totals, combine: (x: Quantity, y: Quantity) => Quantity): Totals =>
  new Map([...a, ...[...b].map(([name, q]) => [name, a.has(name) ? combine(a.get(name)!, q) : q] as const)]);

const parsed = (container: Container, kind: 'requests' | 'limits'): Totals =>
  new Map(Object.entries(container.resources?.[kind] ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

/**
 * The requests or limits that hold for all containers together: main containers and sidecars add up; an init
 * container counts with the sidecars started before it, and the greatest moment counts (KEP-753). Expects
 * quantities that parse.
 */
export function effectiveResources(
  spec: Pick<PodSpec, 'containers' | 'initContainers'>,
  kind: 'requests' | 'limits',
): ResourceList {
  let sidecars: Totals = new Map();
  let initPeak: Totals = new Map();
  for (const container of spec.initContainers ?? []) {
    const together = merge(sidecars, parsed(container, kind), addQuantity);
    if (container.restartPolicy === 'Always') sidecars = together;
    initPeak = merge(initPeak, together, maxQuantity);
  }
  const running = spec.containers.reduce((sum, c) => merge(sum, parsed(c, kind), addQuantity), sidecars);
  return Object.fromEntries(
    [...merge(running, initPeak, maxQuantity)].map(([name, quantity]) => [name, formatQuantity(quantity)]),
  );
}
