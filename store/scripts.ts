/** The store's verbs as scripts: what each reads and writes, the same for every database. */
import { decide, decode, encode, restamp, toChange } from './changes.ts';
import type { Script } from './database.ts';
import {
  AlreadyExists,
  type Change,
  Compacted,
  DELETE,
  type Key,
  type ListOptions,
  type ListResult,
  type Mutation,
  NotFound,
  type StoredObject,
  type WatchOptions,
  type Writer,
} from './port.ts';
import type { Query } from './prepare.ts';
import type { LogRow, PollRow, Queries } from './queries.ts';

/** What a write resolves with, and the revision it made (undefined when it wrote nothing). */
export interface Written {
  object: StoredObject;
  revision?: number;
}

/** Changes to hand out, and where in the log to go on. */
export interface Batch {
  changes: Change[];
  /** Everything up to here has been seen. */
  through: number;
  /** True when there may be more already. */
  full: boolean;
}

export function* meta(q: Queries): Script<{ revision: number; compacted: number }> {
  const [rows] = yield [q.meta({})];
  return q.meta.rows(rows)[0]!;
}

export function* create(q: Queries, key: Key, object: StoredObject, by: Writer): Script<Written> {
  const [metaRows, objectRows] = yield [q.meta({}), q.get(key)];
  if (objectRows!.length > 0) throw new AlreadyExists(`${describe(key)} already exists`);
  const revision = q.meta.rows(metaRows)[0]!.revision + 1;
  const text = encode(object, revision);
  yield [
    q.insert({ ...key, revision, object: text }),
    q.append({ ...key, revision, writer: by, object: text, previous: null }),
    q.advance({ revision }),
  ];
  return { object: decode(text), revision };
}

export function* get(q: Queries, key: Key): Script<StoredObject | undefined> {
  const [rows] = yield [q.get(key)];
  const row = q.get.rows(rows)[0];
  return row && decode(row.object);
}

export function* update(
  q: Queries,
  key: Key,
  change: (current: StoredObject) => Mutation,
  by: Writer,
): Script<Written> {
  const [metaRows, objectRows] = yield [q.meta({}), q.get(key)];
  const previous = q.get.rows(objectRows)[0]?.object;
  if (previous === undefined) throw new NotFound(`${describe(key)} not found`);
  const revision = q.meta.rows(metaRows)[0]!.revision + 1;
  const next = decide(previous, change, revision);
  if (next === undefined) return { object: decode(previous) };
  const object = next === DELETE ? null : next;
  yield [
    object === null ? q.remove(key) : q.replace({ ...key, revision, object }),
    q.append({ ...key, revision, writer: by, object, previous }),
    q.advance({ revision }),
  ];
  return { object: decode(object ?? restamp(previous, revision)), revision };
}

export function* list(q: Queries, resource: string, options: ListOptions): Script<ListResult> {
  const { namespace, after, limit } = options;
  const revision = options.revision ?? (yield* meta(q)).revision;
  const query = q.list({ namespace: namespace !== undefined, after: !!after, limit: limit !== undefined });
  const [objectRows, metaRows] = yield [
    query({
      resource,
      revision,
      namespace: namespace ?? '',
      afterNamespace: after?.namespace ?? '',
      afterName: after?.name ?? '',
      limit: (limit ?? 0) + 1,
    }),
    // After the objects: what was whole after they were read was whole while they were.
    q.meta({}),
  ];
  assertKept(revision, q.meta.rows(metaRows)[0]!);
  const items = query.rows(objectRows);
  const more = limit !== undefined && items.length > limit;
  return { items: (more ? items.slice(0, limit) : items).map((row) => decode(row.object)), revision, more };
}

/** The query of one watch, prepared once. */
export function pollOf(q: Queries, { resources, namespace }: Omit<WatchOptions, 'since'>, limit: number) {
  const query = q.poll({ resources: resources?.length ?? 0, namespace: namespace !== undefined });
  const named = Object.fromEntries((resources ?? []).map((resource, index) => [`resource${index}`, resource]));
  return (since: number) => poll(query, { ...named, since, limit, namespace: namespace ?? '' });
}

function* poll<P extends { since: number; limit: number }>(query: Query<P, PollRow>, values: P): Script<Batch> {
  const [answer] = yield [query(values)];
  const rows = query.rows(answer);
  const { newest, compacted } = rows[0]!;
  assertKept(values.since, { revision: newest, compacted });
  const changes = rows.filter((row): row is PollRow & LogRow => row.revision !== null).map(toChange);
  const full = changes.length === values.limit;
  return { changes, through: full ? changes.at(-1)!.revision : newest, full };
}

/** Compacts up to `target`, at most `limit` revisions at once; resolves with the newest revision compacted. */
export function* compact(q: Queries, target: number, limit: number): Script<number> {
  const { revision, compacted } = yield* meta(q);
  const next = Math.min(target, revision, compacted + limit);
  if (next <= compacted) return compacted;
  yield [q.forget({ revision: next }), q.setCompacted({ revision: next })];
  return next;
}

export function* cursor(q: Queries, name: string): Script<number> {
  const [rows] = yield [q.cursor({ name })];
  return q.cursor.rows(rows)[0]?.revision ?? 0;
}

export function* cursors(q: Queries): Script<Record<string, number>> {
  const [rows] = yield [q.cursors({})];
  return Object.fromEntries(q.cursors.rows(rows).map(({ name, revision }) => [name, revision]));
}

export function* saveCursor(q: Queries, name: string, revision: number): Script<void> {
  yield [q.saveCursor({ name, revision })];
}

/** History after `revision` must be whole. One never handed out is of another store's history, and no better. */
function assertKept(revision: number, ends: { revision: number; compacted: number }) {
  if (revision < ends.compacted)
    throw new Compacted(
      `revision ${revision} is too old, history begins at ${ends.compacted}: list again, without one`,
    );
  if (revision > ends.revision)
    throw new Compacted(
      `revision ${revision} is not of this store, its newest is ${ends.revision}: list again, without one`,
    );
}

function describe({ resource, namespace, name }: Key) {
  return namespace ? `${resource} "${name}" in namespace "${namespace}"` : `${resource} "${name}"`;
}
