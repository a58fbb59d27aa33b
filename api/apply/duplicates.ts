/** Items that a configuration must not have: two that server-side apply could not tell apart. */
import type { Type } from '../schema/definitions.ts';
import { childrenOf, segmentOf } from './children.ts';
import { spelled } from './field-set.ts';

/** Where such items are, as errors write it: `.spec.ports[port=80,protocol="TCP"]`. */
export function duplicateItems(type: Type, value: unknown, path = ''): string[] {
  const children = childrenOf(type, value);
  if (!children) return [];
  const segments = type.kind === 'list' ? (value as unknown[]).map((item) => segmentOf(type, item)) : [];
  const again = segments.filter((segment, i) => segments.indexOf(segment) < i);
  return [
    ...[...new Set(again)].map((segment) => path + spelled(segment)),
    ...[...children].flatMap(([segment, child]) => duplicateItems(child.type, child.value, path + spelled(segment))),
  ];
}
