/** What Nodes may say of themselves, and others of them. Field paths are upstream's, odd ones too. */
import { duplicate, type FieldError, forbidden, invalid } from '../../pod/field-error.ts';
import { labelValue, qualifiedName } from '../../pod/names.ts';
import { TAINT_EFFECTS, type Taint } from '../../pod/taints.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, follows, isIPv6, requiredOneOf } from '../../pod/validation/check.ts';
import { validateQuantity } from '../../pod/validation/resources.ts';
import { equal } from '../objects/equal.ts';
import { cidrErrors } from './addresses.ts';

const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const MAX_FEATURE = 253;

/** The Node with both spellings of its range of addresses; the older one counts where they differ. */
export function nodeDefaults(node: KubeObject): KubeObject {
  const { podCIDR, podCIDRs, configSource: _, ...spec } = node.spec ?? {};
  const ranges = podCIDR && podCIDR !== podCIDRs?.[0] ? [podCIDR] : (podCIDRs ?? []);
  return { ...node, spec: { ...spec, ...(ranges.length > 0 && { podCIDR: ranges[0], podCIDRs: ranges }) } };
}

/** What is wrong with the spec of a Node. */
export const nodeErrors = ({ spec }: KubeObject): FieldError[] => [
  ...taintErrors(spec.taints, 'metadata.taints'),
  ...rangeErrors(spec.podCIDRs, 'spec.podCIDRs'),
];

/** What is wrong with what a Node reports. */
export const nodeStatusErrors = ({ status = {} }: KubeObject): FieldError[] => [
  ...(['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries<string>(status[list] ?? {}).flatMap(([name, amount]) =>
      validateQuantity(name, amount, `status.${list}.${name}`),
    ),
  ),
  ...featureErrors(status.declaredFeatures, 'status.declaredFeatures'),
  ...each<KubeObject>(status.addresses, 'status.addresses', (address, at, i) =>
    status.addresses.findIndex((before: KubeObject) => equal(before, address)) < i ? [duplicate(at, address)] : [],
  ),
];

/** What stays once it is said. */
export const nodeChangeErrors = ({ spec: next }: KubeObject, { spec: old = {} }: KubeObject): FieldError[] => [
  ...(old.podCIDRs?.length > 0 && !equal(next.podCIDRs, old.podCIDRs)
    ? [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
    : []),
  ...(old.providerID && next.providerID !== old.providerID
    ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
    : []),
  ...((next.externalID ?? '') === (old.externalID ?? '') ? [] : [forbidden('spec.externalID', 'may not be updated')]),
];

const taintErrors = (taints: Taint[] = [], path: string): FieldError[] =>
  each(taints, path, (taint, at, i) => {
    const { key, value, effect } = taint;
    const isRepeated = taints.findIndex((other) => other.key === key && other.effect === effect) < i;
    return [
      ...follows(qualifiedName, `${at}.key`, key),
      ...follows(labelValue, `${at}.value`, value),
      ...requiredOneOf(TAINT_EFFECTS, `${at}.effect`, effect),
      ...(isRepeated ? [{ ...duplicate(at, taint), detail: 'taints must be unique by key and effect pair' }] : []),
    ];
  });

function rangeErrors(ranges: string[] = [], path: string): FieldError[] {
  const families = new Set(ranges.map((range) => isIPv6(range.split('/')[0]!)));
  return [
    ...each(ranges, path, (range, at) => cidrErrors(at, range)),
    ...(ranges.length > families.size
      ? [invalid(path, ranges, 'may specify no more than one CIDR for each IP family')]
      : []),
  ];
}

const featureErrors = (names: string[] | undefined, path: string): FieldError[] =>
  each(names, path, (name, at, i) => {
    const before = names![i - 1];
    return [
      ...(FEATURE.test(name) && name.length <= MAX_FEATURE
        ? []
        : [
            invalid(at, name, "must be names of letters and digits with '/' between them, the first in UpperCamelCase"),
          ]),
      ...(before === name ? [duplicate(at, name)] : []),
      ...(before !== undefined && before > name ? [invalid(at, name, 'list must be sorted alphabetically')] : []),
    ];
  });
