/** Which nodes a Pod wants, by their labels and by the Pods on them. */
import type { V1NodeSelectorTerm } from '@kubernetes/client-node/dist/gen/models/V1NodeSelectorTerm.d.ts';
import type { V1PodAffinityTerm } from '@kubernetes/client-node/dist/gen/models/V1PodAffinityTerm.d.ts';
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../names.ts';
import type { Json, PodSpec } from '../types.ts';
import { each, follows, inRange, requiredName } from './check.ts';
import { type LabelSelectorObject, validateLabelSelector, validateOperator } from './label-selector.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type NodeTerm = Json<V1NodeSelectorTerm>;
type PodTerm = Json<V1PodAffinityTerm>;
type Expression = NonNullable<NodeTerm['matchExpressions']>[number];

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

export const validateAffinity = (affinity: Affinity | undefined, path: string): FieldError[] => [
  ...(affinity?.nodeAffinity ? validateNodeAffinity(affinity.nodeAffinity, `${path}.nodeAffinity`) : []),
  ...validatePodAffinity(affinity?.podAffinity, `${path}.podAffinity`),
  ...validatePodAffinity(affinity?.podAntiAffinity, `${path}.podAntiAffinity`),
];

const weight = (value: number, path: string): FieldError[] => inRange(1, 100, `${path}.weight`, value);

function validateNodeAffinity(affinity: NonNullable<Affinity['nodeAffinity']>, path: string): FieldError[] {
  const hard = affinity[REQUIRED];
  const terms = `${path}.${REQUIRED}.nodeSelectorTerms`;
  return [
    ...(hard && !hard.nodeSelectorTerms?.length ? [required(terms, 'must have at least one node selector term')] : []),
    ...each(hard?.nodeSelectorTerms, terms, (term, at) => validateNodeTerm(term, true, at)),
    ...each(affinity[PREFERRED], `${path}.${PREFERRED}`, (preferred, at) => [
      ...weight(preferred.weight, at),
      ...validateNodeTerm(preferred.preference, false, `${at}.preference`),
    ]),
  ];
}

/** Values that no label can have are let through where a term only prefers. */
const validateNodeTerm = (term: NodeTerm, strict: boolean, path: string): FieldError[] => [
  ...each(term.matchExpressions, `${path}.matchExpressions`, (expression, at) =>
    validateNodeExpression(expression, strict, at),
  ),
  ...each(term.matchFields, `${path}.matchFields`, validateNodeField),
];

const validateNodeExpression = ({ key, operator, values = [] }: Expression, strict: boolean, path: string) => [
  ...validateOperator(operator, values, path, NODE_OPERATORS),
  ...follows(qualifiedName, `${path}.key`, key),
  ...(strict ? each(values, `${path}.values`, (value, at) => follows(labelValue, at, value)) : []),
];

const validateNodeField = ({ key, operator, values = [] }: Expression, path: string): FieldError[] => [
  ...(operator === 'In' || operator === 'NotIn'
    ? values.length === 1
      ? []
      : [
          required(
            `${path}.values`,
            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
          ),
        ]
    : [invalid(`${path}.operator`, operator, 'must be In or NotIn')]),
  ...(key === 'metadata.name'
    ? each(values, `${path}.values`, (value, at) => follows(dns1123Subdomain, at, value))
    : [invalid(`${path}.key`, key, 'must be metadata.name')]),
];

const validatePodAffinity = (affinity: Affinity['podAffinity'], path: string): FieldError[] => [
  ...each(affinity?.[REQUIRED], `${path}.${REQUIRED}`, validatePodTerm),
  ...each(affinity?.[PREFERRED], `${path}.${PREFERRED}`, (preferred, at) => [
    ...weight(preferred.weight, at),
    ...validatePodTerm(preferred.podAffinityTerm, `${at}.podAffinityTerm`),
  ]),
];

const validatePodTerm = (term: PodTerm, path: string): FieldError[] => [
  ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
  ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
  ...each(term.namespaces, `${path}.namespaces`, (name, at) => follows(dns1123Label, at, name)),
  ...validateMatchLabelKeys(term, path),
  ...requiredName(qualifiedName, `${path}.topologyKey`, term.topologyKey),
];

/** Keys whose values are taken from the Pod itself (KEP-3633). */
export function validateMatchLabelKeys(
  {
    labelSelector,
    matchLabelKeys = [],
    mismatchLabelKeys = [],
  }: {
    labelSelector?: LabelSelectorObject;
    matchLabelKeys?: string[];
    mismatchLabelKeys?: string[];
  },
  path: string,
): FieldError[] {
  const selected = [
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map((e) => e.key),
  ];
  const keys = (list: string[], at: string) =>
    list.length > 0 && !labelSelector
      ? [forbidden(at, 'must not be specified when labelSelector is not set')]
      : each(list, at, (key, item) => follows(qualifiedName, item, key));
  return [
    ...keys(matchLabelKeys, `${path}.matchLabelKeys`),
    ...keys(mismatchLabelKeys, `${path}.mismatchLabelKeys`),
    ...each(matchLabelKeys, `${path}.matchLabelKeys`, (key, at) => [
      ...(selected.includes(key) ? [invalid(at, key, 'exists in both matchLabelKeys and labelSelector')] : []),
      ...(mismatchLabelKeys.includes(key)
        ? [invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : []),
    ]),
  ];
}
