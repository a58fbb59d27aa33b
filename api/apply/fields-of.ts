/** Which fields a value sets, and in which two values differ. */
import { equal } from '../objects/equal.ts';
import type { Type } from '../schema/definitions.ts';
import { childrenOf } from './children.ts';
import { type FieldSet, isEmpty, leaf, none } from './field-set.ts';

/**
 * Every field of a value. Items of lists and maps are places of their own; with `containers` so are the lists, maps and
 * objects around them.
 */
export function fieldsOf(type: Type, value: unknown, containers = false): FieldSet {
  const children = childrenOf(type, value);
  if (!children || children.size === 0) return leaf;
  const below = new Map<string, FieldSet>();
  for (const [segment, child] of children) {
    const fields = fieldsOf(child.type, child.value, containers);
    below.set(segment, type.kind === 'object' ? fields : { ...fields, member: true });
  }
  return { member: containers, below };
}

export interface Difference {
  /** Fields that are new or have another value. */
  changed: FieldSet;
  /** Fields that are no more. */
  removed: FieldSet;
}

/** What became of `before`. */
export function compare(type: Type, before: unknown, after: unknown): Difference {
  if (equal(before, after)) return { changed: none, removed: none };
  if (after === undefined) return { changed: none, removed: fieldsOf(type, before, true) };
  if (before === undefined) return { changed: fieldsOf(type, after, true), removed: none };
  const [old, now] = [childrenOf(type, before), childrenOf(type, after)];
  if (!old || !now) return { changed: leaf, removed: none };
  const changed = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  for (const segment of new Set([...old.keys(), ...now.keys()])) {
    const child = (now.get(segment) ?? old.get(segment))!;
    const parts = compare(child.type, old.get(segment)?.value, now.get(segment)?.value);
    if (!isEmpty(parts.changed)) changed.set(segment, parts.changed);
    if (!isEmpty(parts.removed)) removed.set(segment, parts.removed);
  }
  return { changed: { member: false, below: changed }, removed: { member: false, below: removed } };
}
