/** What a value consists of, in the eyes of server-side apply: the schema says what is one field and what is several. */
import type { Type } from '../schema/definitions.ts';

export type Fields = Record<string, unknown>;

export interface Child {
  type: Type;
  value: unknown;
}

/** Keys of items that the API fills in, and by which items are told apart before it does. */
const keyDefaults: Fields = { protocol: 'TCP' };

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parts of a value by path segment; undefined when it is one field (a scalar, or something atomic). */
export function childrenOf(type: Type, value: unknown): Map<string, Child> | undefined {
  if (type.kind === 'list') {
    if (!Array.isArray(value) || type.identity === 'none') return undefined;
    return new Map(value.map((item) => [segmentOf(type, item), { type: type.items, value: item }]));
  }
  if ((type.kind !== 'object' && type.kind !== 'map') || type.atomic || !isFields(value)) return undefined;
  return new Map(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => {
        const field = type.kind === 'map' ? type.values : type.fields.get(name)?.type();
        return [`f:${name}`, { type: field ?? { kind: 'any' }, value: part }];
      }),
  );
}

/** An item's place in its list. */
export function segmentOf(type: Type & { kind: 'list' }, item: unknown): string {
  if (type.identity === 'value' || type.identity === 'none') return `v:${JSON.stringify(item)}`;
  const keys: Fields = {};
  for (const key of [...type.identity].sort()) {
    const value = (item as Fields | null)?.[key] ?? keyDefaults[key];
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}
