/** Puts a configuration into an object, and takes fields out of one. Neither changes what it is given. */
import type { Type } from '../schema/definitions.ts';
import { childrenOf, type Fields, segmentOf } from './children.ts';
import { at, type FieldSet, isEmpty, none, without } from './field-set.ts';

/** `live` with every field that `config` sets. */
export function merged(type: Type, live: unknown, config: unknown): unknown {
  const [own, given] = [childrenOf(type, live), childrenOf(type, config)];
  if (!own || !given) return config;
  if (type.kind === 'list') return mergedList(type, live as unknown[], config as unknown[]);
  const result: Fields = { ...(live as Fields) };
  for (const [segment, { type: field, value }] of given) {
    const name = segment.slice(2);
    result[name] = own.has(segment) ? merged(field, own.get(segment)?.value, value) : value;
  }
  return result;
}

/** In the order of the configuration; items that only the live list has stay before those they stood before. */
function mergedList(type: Type & { kind: 'list' }, live: unknown[], config: unknown[]): unknown[] {
  const places = (items: unknown[]) => items.map((item) => ({ item, place: segmentOf(type, item) }));
  const given = places(config);
  const wanted = new Set(given.map(({ place }) => place));
  const own = new Map(places(live).map(({ item, place }) => [place, item]));
  const rest = places(live);
  const result: unknown[] = [];
  for (const { item, place } of given) {
    if (own.has(place)) {
      const until = rest.findIndex((other) => other.place === place);
      const passed = rest.splice(0, until + 1);
      result.push(...passed.filter((other) => !wanted.has(other.place)).map((other) => other.item));
    }
    result.push(own.has(place) ? merged(type.items, own.get(place), item) : item);
  }
  return [...result, ...rest.filter(({ place }) => !wanted.has(place)).map(({ item }) => item)];
}

/** The value without the fields of a set; what is kept (none of these) below such a field holds it in place. */
export function pruned(type: Type, value: unknown, gone: FieldSet, kept: FieldSet): unknown {
  if (isEmpty(gone)) return value;
  const children = childrenOf(type, value);
  if (!children) return value;
  const left = new Map<string, unknown>();
  for (const [segment, child] of children) {
    const [out, held] = [at(gone, segment), at(kept, segment)];
    if (out.member && isEmpty({ ...held, member: false })) continue;
    // An item that stays keeps what it is told apart by.
    const part = pruned(child.type, child.value, { ...without(out, keysOf(type)), member: false }, held);
    if (!isHollow(part) || isHollow(child.value) || held !== none) left.set(segment, part);
  }
  if (type.kind === 'list') return [...left.values()];
  return Object.fromEntries([...left].map(([segment, part]) => [segment.slice(2), part]));
}

const keysOf = (type: Type): string[][] =>
  type.kind === 'list' && typeof type.identity === 'object' ? type.identity.map((key) => [`f:${key}`]) : [];

/** An empty list or object: one that has become so goes with what was in it. */
const isHollow = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
