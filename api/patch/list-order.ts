/** The order of a list after a strategic merge. */
import { equal } from '../objects/equal.ts';

const keyed = (item: unknown, mergeKey: string | undefined): unknown =>
  mergeKey && typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[mergeKey] : item;

/**
 * `merged` with the items that `order` names in that order, and the others in the order they have in `old`. Where
 * the two meet, an item keeps its place before another when `old` had it so; otherwise the patch's comes first.
 */
export function inOrder(merged: unknown[], order: unknown[], old: unknown[], mergeKey: string | undefined): unknown[] {
  const position = (list: unknown[], item: unknown): number =>
    list.findIndex((other) => equal(keyed(other, mergeKey), keyed(item, mergeKey)));
  const by = (list: unknown[]) => (a: unknown, b: unknown) => position(list, a) - position(list, b);
  const named = merged.filter((item) => position(order, item) >= 0).sort(by(order));
  const others = merged.filter((item) => position(order, item) < 0).sort(by(old));
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [mine, other] = [position(old, named[0]), position(old, others[0])];
    result.push(mine >= 0 && other >= 0 && other < mine ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}
