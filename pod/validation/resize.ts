/** The subresource `resize`: cpu and memory of a running Pod (KEP-1287). */
import { type FieldError, forbidden, invalid } from '../field-error.ts';
import { qosClass } from '../qos.ts';
import { isQuantity } from '../quantity.ts';
import type { ResourceList } from '../resources.ts';
import type { Container, Pod, PodSpec } from '../types.ts';
import { each, sameJson } from './check.ts';
import { validateMetadataUpdate } from './metadata.ts';
import { validateWholePod } from './pod.ts';

type Requirements = NonNullable<Container['resources']>;
const LISTS = ['initContainers', 'containers'] as const;
const OF_WHOLE_POD = 'the resources of a Pod as a whole are not resized in place; change those of its containers';
const RESIZABLE = ['cpu', 'memory'];

/** What is wrong with resizing `old` to `next`. Both are defaulted. */
export function validateResize(next: Pod, old: Pod): FieldError[] {
  const errors = [...validateMetadataUpdate(next.metadata, old.metadata), ...validateWholePod(next)];
  const moved = validateOrder(next.spec, old.spec);
  if (moved.length > 0) return [...errors, ...moved];
  const found = [
    ...errors,
    ...(quantitiesParse(next.spec) && qosClass(next.spec) !== (old.status?.qosClass ?? qosClass(old.spec))
      ? [invalid('spec', qosClass(next.spec), 'Pod QOS Class may not change as a result of resizing')]
      : []),
    ...(sameJson(next.spec.resources, old.spec.resources) ? [] : [forbidden('spec.resources', OF_WHOLE_POD)]),
    ...LISTS.flatMap((name) =>
      each(next.spec[name], `spec.${name}`, ({ resources }, at, index) =>
        validateKept(resources, old.spec[name]![index]!.resources, `${at}.resources`),
      ),
    ),
  ];
  if (found.length > 0) return found;
  return sameJson(withOldResources(next.spec, old.spec), withOldResources(old.spec, old.spec))
    ? []
    : [forbidden('spec', 'only cpu and memory resources are mutable')];
}

const quantitiesParse = (spec: PodSpec): boolean =>
  [spec, ...spec.containers, ...(spec.initContainers ?? [])]
    .flatMap(({ resources }) => [resources?.limits, resources?.requests])
    .every((list) => Object.values(list ?? {}).every(isQuantity));

const validateOrder = (next: PodSpec, old: PodSpec): FieldError[] =>
  LISTS.flatMap((name) => {
    const before = old[name] ?? [];
    const after = next[name] ?? [];
    if (after.length !== before.length) {
      return [forbidden(`spec.${name}`, `${name} may not be added or removed on resize`)];
    }
    return each(after, `spec.${name}`, (container, at, index) =>
      container.name === before[index]!.name
        ? []
        : [forbidden(`${at}.name`, `${name} may not be renamed or reordered on resize`)],
    );
  });

/** A request or limit may change, not go. */
const validateKept = (next: Requirements | undefined, old: Requirements | undefined, path: string): FieldError[] =>
  (['requests', 'limits'] as const).flatMap((kind) =>
    Object.keys(old?.[kind] ?? {}).every((name) => next?.[kind]?.[name] !== undefined)
      ? []
      : [forbidden(`${path}.${kind}`, `resource ${kind} cannot be removed`)],
  );

/** The spec as it would be had cpu and memory not changed. */
function withOldResources(spec: PodSpec, old: PodSpec): PodSpec {
  const containers = (list: Container[] | undefined, before: Container[] | undefined) =>
    (list ?? []).map((container, index) => ({
      ...container,
      resources: masked(container.resources, before?.[index]?.resources),
    }));
  return {
    ...spec,
    containers: containers(spec.containers, old.containers),
    initContainers: containers(spec.initContainers, old.initContainers),
  };
}

function masked(next: Requirements | undefined, old: Requirements | undefined): Requirements {
  const list = (values: ResourceList = {}, before: ResourceList = {}): ResourceList => {
    const others = Object.entries(values).filter(([name]) => !RESIZABLE.includes(name));
    return Object.fromEntries([...others, ...Object.entries(before).filter(([name]) => RESIZABLE.includes(name))]);
  };
  return { ...next, limits: list(next?.limits, old?.limits), requests: list(next?.requests, old?.requests) };
}
