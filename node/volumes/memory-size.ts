/** How large a volume in memory may grow (KEP-1967). Pure. */
import { parseQuantity, wholeValue } from '../../pod/quantity.ts';
import { effectiveResources } from '../../pod/resources.ts';
import type { Pod } from '../../pod/types.ts';
import type { Allocatable } from '../spec/context.ts';

/** What the Pod as a whole may use; undefined when one of its containers has no limit. */
function podLimit({ spec }: Pod): string | undefined {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const areLimited = containers.every((container) => container.resources?.limits?.memory !== undefined);
  return spec.resources?.limits?.memory ?? (areLimited ? effectiveResources(spec, 'limits').memory : undefined);
}

/** Bytes: the smallest of the volume's limit, the Pod's and the node's. A limit of 0 is none. */
export function memoryVolumeSize(pod: Pod, sizeLimit: string | undefined, node: Allocatable): bigint {
  return [sizeLimit, podLimit(pod), node.memory]
    .flatMap((text) => (text === undefined ? [] : [wholeValue(parseQuantity(text))]))
    .filter((bytes) => bytes > 0n)
    .sort((a, b) => (a < b ? -1 : 1))[0]!;
}
