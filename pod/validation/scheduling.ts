/** When and where a Pod may be placed: tolerations, gates, spreading. */
import { duplicate, type FieldError, invalid, required } from '../field-error.ts';
import { labelValue, qualifiedName } from '../names.ts';
import { TAINT_EFFECTS } from '../taints.ts';
import type { PodSpec } from '../types.ts';
import { validateMatchLabelKeys } from './affinity.ts';
import { each, follows, oneOf, requiredOneOf } from './check.ts';
import { validateLabelSelector } from './label-selector.ts';

export type Toleration = NonNullable<PodSpec['tolerations']>[number];
type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number];

const MAX_INT64 = (1n << 63n) - 1n;

export const validateTolerations = (tolerations: Toleration[] | undefined, path: string): FieldError[] =>
  each(tolerations, path, (toleration, at) => {
    const { effect, key, operator, tolerationSeconds } = toleration;
    return [
      ...follows(qualifiedName, `${at}.key`, key || undefined),
      ...(!key && operator !== 'Exists'
        ? [
            invalid(
              `${at}.operator`,
              operator ?? '',
              'operator must be Exists when `key` is empty, which means "match all values and all keys"',
            ),
          ]
        : []),
      ...(tolerationSeconds != null && effect !== 'NoExecute'
        ? [invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set")]
        : []),
      ...validateOperator(toleration, at),
      ...oneOf(TAINT_EFFECTS, `${at}.effect`, effect || undefined),
    ];
  });

function validateOperator({ operator, value = '' }: Toleration, path: string): FieldError[] {
  switch (operator) {
    case undefined:
    case '':
    case 'Equal':
      return follows(labelValue, `${path}.value`, value);
    case 'Exists':
      return value === '' ? [] : [invalid(`${path}.value`, value, "value must be empty when `operator` is 'Exists'")];
    case 'Lt':
    case 'Gt':
      return /^(0|-?[1-9]\d{0,18})$/.test(value) && BigInt(value) <= MAX_INT64 && BigInt(value) >= -MAX_INT64 - 1n
        ? []
        : [invalid(`${path}.value`, value, `must be a whole number (64 bit) when \`operator\` is '${operator}'`)];
    default:
      return oneOf(['Equal', 'Exists', 'Gt', 'Lt'], `${path}.operator`, operator);
  }
}

export const validateReadinessGates = (gates: PodSpec['readinessGates'], path: string): FieldError[] =>
  each(gates, path, ({ conditionType }, at) => follows(qualifiedName, `${at}.conditionType`, conditionType));

export const validateSchedulingGates = (gates: PodSpec['schedulingGates'], path: string): FieldError[] => {
  const names = (gates ?? []).map((g) => g.name);
  return each(gates, path, ({ name }, at, index) => [
    ...follows(qualifiedName, at, name),
    ...(names.indexOf(name) < index ? [duplicate(at, name)] : []),
  ]);
};

export const validateSpread = (constraints: Spread[] | undefined, path: string): FieldError[] =>
  each(constraints, path, (constraint, at, index) => {
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
    const same = (other: Spread) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable;
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...(topologyKey ? [] : [required(`${at}.topologyKey`, 'can not be empty')]),
      ...requiredOneOf(['DoNotSchedule', 'ScheduleAnyway'], `${at}.whenUnsatisfiable`, whenUnsatisfiable),
      ...(constraints!.slice(0, index).some(same)
        ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)]
        : []),
      ...(minDomains != null && minDomains <= 0
        ? [invalid(`${at}.minDomains`, minDomains, 'must be greater than zero')]
        : []),
      ...(minDomains != null && whenUnsatisfiable !== 'DoNotSchedule'
        ? [invalid(`${at}.minDomains`, minDomains, 'can only be used if whenUnsatisfiable is DoNotSchedule')]
        : []),
      ...oneOf(['Honor', 'Ignore'], `${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy),
      ...oneOf(['Honor', 'Ignore'], `${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy),
      ...validateMatchLabelKeys(constraint, at),
      ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`),
    ];
  });
