/**
 * Every query of the store, typed by Kysely and compiled once for each database.
 */
import type { Kysely } from 'kysely';
import { compiler, type Dialect, memoize, prepare } from './prepare.ts';

/** Objects are JSON texts, stamped with their revision. */
interface Schema {
  objects: { resource: string; namespace: string; name: string; revision: number; object: string };
  /** ADDED has no `previous`, DELETED no `object`. A state before stays whole here, so an older list can be made again. */
  log: {
    revision: number;
    resource: string;
    namespace: string;
    name: string;
    writer: string;
    object: string | null;
    previous: string | null;
  };
  /** One row: the newest revision, and the newest that was compacted. */
  meta: { id: number; revision: number; compacted: number };
  cursors: { name: string; revision: number };
}

interface ObjectKey {
  resource: string;
  namespace: string;
  name: string;
}

export interface LogRow extends ObjectKey {
  revision: number;
  writer: string;
  object: string | null;
  previous: string | null;
}

/** A row of the log, or nulls where it has none to show, beside the log's two ends. */
export type PollRow = { newest: number; compacted: number } & { [K in keyof LogRow]: LogRow[K] | null };

export type Queries = ReturnType<typeof queries>;

/** The queries in the words of one database. */
export function queries(dialect: Dialect) {
  const db: Kysely<Schema> = compiler(dialect);
  return {
    meta: prepare<object, { revision: number; compacted: number }>(() =>
      db.selectFrom('meta').select(['revision', 'compacted']).where('id', '=', 1),
    ),
    advance: prepare<{ revision: number }, never>((value) =>
      db.updateTable('meta').set({ revision: value.revision }).where('id', '=', 1),
    ),
    get: prepare<ObjectKey, { object: string }>((value) =>
      db
        .selectFrom('objects')
        .select('object')
        .where('resource', '=', value.resource)
        .where('namespace', '=', value.namespace)
        .where('name', '=', value.name),
    ),
    insert: prepare<ObjectKey & { revision: number; object: string }, never>((value) =>
      db.insertInto('objects').values({
        resource: value.resource,
        namespace: value.namespace,
        name: value.name,
        revision: value.revision,
        object: value.object,
      }),
    ),
    replace: prepare<ObjectKey & { revision: number; object: string }, never>((value) =>
      db
        .updateTable('objects')
        .set({ revision: value.revision, object: value.object })
        .where('resource', '=', value.resource)
        .where('namespace', '=', value.namespace)
        .where('name', '=', value.name),
    ),
    remove: prepare<ObjectKey, never>((value) =>
      db
        .deleteFrom('objects')
        .where('resource', '=', value.resource)
        .where('namespace', '=', value.namespace)
        .where('name', '=', value.name),
    ),
    append: prepare<LogRow, never>((value) =>
      db.insertInto('log').values({
        revision: value.revision,
        resource: value.resource,
        namespace: value.namespace,
        name: value.name,
        writer: value.writer,
        object: value.object,
        previous: value.previous,
      }),
    ),
    forget: prepare<{ revision: number }, never>((value) =>
      db.deleteFrom('log').where('revision', '<=', value.revision),
    ),
    setCompacted: prepare<{ revision: number }, never>((value) =>
      db.updateTable('meta').set({ compacted: value.revision }).where('id', '=', 1),
    ),
    cursor: prepare<{ name: string }, { revision: number }>((value) =>
      db.selectFrom('cursors').select('revision').where('name', '=', value.name),
    ),
    cursors: prepare<object, { name: string; revision: number }>(() =>
      db.selectFrom('cursors').select(['name', 'revision']).orderBy('name'),
    ),
    saveCursor: prepare<{ name: string; revision: number }, never>((value) =>
      db
        .insertInto('cursors')
        .values({ name: value.name, revision: value.revision })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet((row) => ({ revision: row.ref('excluded.revision') })),
        ),
    ),
    list: memoize(listQuery),
    poll: memoize(pollQuery),
  };

  /**
   * The state of a resource at a revision: what has not changed since, and of what has, the state before its first
   * change. It is the same whatever is written meanwhile, which makes pages, and a list beside its revision, consistent.
   */
  function listQuery(by: { namespace: boolean; after: boolean; limit: boolean }) {
    type Values = {
      resource: string;
      revision: number;
      namespace: string;
      afterNamespace: string;
      afterName: string;
      limit: number;
    };
    return prepare<Values, { object: string }>((value) => {
      const unchanged = db
        .selectFrom('objects')
        .select(['namespace', 'name', 'object'])
        .where('resource', '=', value.resource)
        .where('revision', '<=', value.revision)
        .$if(by.namespace, (query) => query.where('namespace', '=', value.namespace))
        .$if(by.after, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('namespace', 'name'), '>', tuple(value.afterNamespace, value.afterName)),
          ),
        );
      const firstChanges = db
        .selectFrom('log')
        .select((eb) => eb.fn.min('revision').as('revision'))
        .where('revision', '>', value.revision)
        .where('resource', '=', value.resource)
        .groupBy(['namespace', 'name']);
      const before = db
        .selectFrom('log')
        .select(['namespace', 'name', (eb) => eb.ref('previous').$notNull().as('object')])
        .where('revision', 'in', firstChanges)
        .where('previous', 'is not', null)
        .$if(by.namespace, (query) => query.where('namespace', '=', value.namespace))
        .$if(by.after, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('namespace', 'name'), '>', tuple(value.afterNamespace, value.afterName)),
          ),
        );
      return unchanged
        .unionAll(before)
        .orderBy('namespace')
        .orderBy('name')
        .$if(by.limit, (query) => query.limit(value.limit));
    });
  }

  /**
   * The log after a revision, and its two ends, in one statement and so of one moment: with separate ones, a compaction
   * or a write between them would hide changes.
   */
  function pollQuery(by: { resources: number; namespace: boolean }) {
    type Values = { since: number; limit: number; namespace: string } & Record<`resource${number}`, string>;
    return prepare<Values, PollRow>((value) => {
      const resources = Array.from({ length: by.resources }, (_, index) => value[`resource${index}`]!);
      const log = db
        .selectFrom('log')
        .selectAll()
        .where('revision', '>', value.since)
        .$if(by.resources > 0, (query) => query.where('resource', 'in', resources))
        .$if(by.namespace, (query) => query.where('namespace', '=', value.namespace))
        .orderBy('revision')
        .limit(value.limit);
      return db
        .selectFrom('meta')
        .leftJoin(log.as('log'), (join) => join.onTrue())
        .select(['meta.revision as newest', 'meta.compacted'])
        .select([
          'log.revision',
          'log.resource',
          'log.namespace',
          'log.name',
          'log.writer',
          'log.object',
          'log.previous',
        ])
        .where('meta.id', '=', 1)
        .orderBy('log.revision');
    });
  }
}
