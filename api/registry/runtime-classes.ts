/** Runtime classes that nodes offer: what a Pod of one takes over from it, must be what a Pod may have. */
import { duplicate, type FieldError } from '../../pod/field-error.ts';
import { dns1123Label } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, requiredName } from '../../pod/validation/check.ts';
import { validateLabels } from '../../pod/validation/metadata.ts';
import { validateContainerResources } from '../../pod/validation/resources.ts';
import { type Toleration, validateTolerations } from '../../pod/validation/scheduling.ts';
import { equal } from '../objects/equal.ts';
import { plain } from './plain.ts';
import { resource, unchanged } from './resource.ts';

const validate = ({ handler, overhead, scheduling = {} }: KubeObject): FieldError[] => [
  ...requiredName(dns1123Label, 'handler', handler),
  // Upstream's rules, and so its paths, are those of a container's limits.
  ...validateContainerResources({ limits: overhead?.podFixed }, [], 'overhead'),
  ...validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector'),
  ...tolerationErrors(scheduling.tolerations, 'scheduling.tolerations'),
];

const tolerationErrors = (tolerations: Toleration[] = [], path: string): FieldError[] => {
  const same = (a: Toleration) => (b: Toleration) =>
    (['key', 'operator', 'value', 'effect'] as const).every((field) => equal(a[field] || '', b[field] || ''));
  return [
    ...validateTolerations(tolerations, path),
    ...each(tolerations, path, (toleration, at, i) =>
      tolerations.findIndex(same(toleration)) < i ? [duplicate(at, toleration)] : [],
    ),
  ];
};

export const runtimeclasses = resource({
  group: 'node.k8s.io',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
  strategy: plain({
    namespaced: false,
    createsOnUpdate: true,
    replacesKnown: true,
    validate,
    validateUpdate: (next, old) => unchanged('handler', next.handler, old.handler),
  }),
});
