/** A container's requests and limits by their path (Kubernetes docs: "Downward API"). Pure. */
import { milliValue, parseQuantity, type Quantity, wholeValue } from '../../pod/quantity.ts';
import type { Container, Pod } from '../../pod/types.ts';
import type { Allocatable } from './context.ts';
import { FieldRefError } from './field-ref.ts';

export interface ResourceFieldRef {
  containerName?: string;
  resource: string;
  divisor?: string;
}

const ceilDivide = (n: bigint, by: bigint): bigint => (n + by - 1n) / by;

function container({ spec }: Pod, name: string): Container {
  const found = [...spec.containers, ...(spec.initContainers ?? [])].find((c) => c.name === name);
  if (!found) throw new FieldRefError(`container ${name} not found`);
  return found;
}

/** The limit, or what bounds the container without one: the Pod's limit, the node. */
function limit(pod: Pod, { resources }: Pick<Container, 'resources'>, name: string, node: Allocatable): Quantity {
  const candidates = [
    resources?.limits?.[name],
    name === 'ephemeral-storage' ? undefined : pod.spec.resources?.limits?.[name],
    node[name as keyof Allocatable],
  ];
  const set = candidates.flatMap((text) => (text === undefined ? [] : [parseQuantity(text)]));
  return set.find(({ nanos }) => nanos > 0n) ?? parseQuantity('0');
}

/**
 * The value in units of the divisor (1 when absent), rounded up. A missing limit is the node's allocatable, a missing
 * request 0. `own` is the container asked about when the reference names none. @throws {FieldRefError}
 */
export function resourceField(
  ref: ResourceFieldRef,
  pod: Pod,
  own: Pick<Container, 'resources'> | undefined,
  node: Allocatable,
): string {
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(ref.resource);
  if (!match) throw new FieldRefError(`unsupported container resource: ${ref.resource}`);
  const [, kind, name] = match as unknown as [string, 'limits' | 'requests', string];
  const target = ref.containerName || !own ? container(pod, ref.containerName ?? '') : own;
  const quantity =
    kind === 'limits' ? limit(pod, target, name, node) : parseQuantity(target.resources?.requests?.[name] ?? '0');
  const units = name === 'cpu' ? milliValue : wholeValue;
  const divisor = units(parseQuantity(ref.divisor || '1')) || units(parseQuantity('1'));
  return String(ceilDivide(units(quantity), divisor));
}
