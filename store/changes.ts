/** What a write means and how it is kept as text: pure. */
import { isDeepStrictEqual } from 'node:util';
import { type Change, DELETE, type Mutation, type StoredObject, type Writer } from './port.ts';
import type { LogRow } from './queries.ts';

/** The object as JSON text, with `revision` as its resourceVersion. */
export function encode(object: StoredObject, revision: number): string {
  return JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
}

export function decode(text: string): StoredObject {
  return JSON.parse(text);
}

/** An object's text under another revision. */
export function restamp(text: string, revision: number): string {
  return encode(decode(text), revision);
}

/**
 * What a caller's change makes of the stored text at `revision`: its new text, DELETE, or undefined when nothing is to
 * be written. Two texts are compared as what they mean, so neither the order of fields nor an undefined one counts as
 * a change, nor does a resourceVersion, which only the store sets.
 */
export function decide(
  current: string,
  change: (current: StoredObject) => Mutation,
  revision: number,
): string | typeof DELETE | undefined {
  const result = change(decode(current));
  if (result === undefined || result === DELETE) return result;
  const next = encode(result, revision);
  const same = isDeepStrictEqual(decode(restamp(current, revision)), decode(next));
  return same ? undefined : next;
}

/** A row of the log as the change it records. */
export function toChange(row: LogRow): Change {
  const { revision, resource, namespace, name, object, previous } = row;
  const shared = { revision, key: { resource, namespace, name }, by: row.writer as Writer };
  if (object === null) return { ...shared, type: 'DELETED', object: decode(restamp(previous!, revision)) };
  if (previous === null) return { ...shared, type: 'ADDED', object: decode(object) };
  return { ...shared, type: 'MODIFIED', object: decode(object), previous: decode(previous) };
}
