/**
 * Every query of the store, typed by Kysely and compiled to SQL once. Kysely only compiles: building a query costs more
 * than SQLite needs to answer it, and a fixed text can stay prepared, in both databases.
 */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Rows, Statement } from './database.ts';

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

/** A compiled query: give it its values and it is a statement; `rows` types what comes back. */
export interface Query<P, R> {
  (values: P): Statement;
  rows(rows: Rows | undefined): R[];
}

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

let prepared = 0;

function prepare<P extends object, R>(
  build: (value: P) => { compile(): { sql: string; parameters: readonly unknown[] } },
) {
  const placeholders = new Proxy({} as P, { get: (_, name) => new Placeholder(String(name)) });
  const { sql, parameters } = build(placeholders).compile();
  const name = `durapod_${++prepared}`;
  const bind = (values: P): Statement => ({
    name,
    sql,
    values: parameters.map((value) => (value instanceof Placeholder ? values[value.name as keyof P] : value)),
  });
  return Object.assign(bind, { rows: (rows: Rows | undefined) => (rows ?? []) as R[] }) as Query<P, R>;
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

export type Dialect = 'sqlite' | 'postgres';
export type Queries = ReturnType<typeof queries>;

/** The queries in the words of one database. */
export function queries(dialect: Dialect) {
  const db = compiler(dialect);
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
    return prepare<Values, PollRow>((value) =>
      db
        .selectFrom('meta')
        .leftJoin('log', (join) => {
          let on = join.on('log.revision', '>', value.since);
          if (by.resources > 0) {
            const resources = Array.from({ length: by.resources }, (_, index) => value[`resource${index}`]!);
            on = on.on('log.resource', 'in', resources);
          }
          return by.namespace ? on.on('log.namespace', '=', value.namespace) : on;
        })
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
        .orderBy('log.revision')
        .limit(value.limit),
    );
  }
}

/** One compiled query for each shape asked for; there are few. */
function memoize<S extends object, Q>(build: (shape: S) => Q): (shape: S) => Q {
  const built = new Map<string, Q>();
  return (shape) => {
    const key = Object.values(shape).join();
    const query = built.get(key) ?? build(shape);
    built.set(key, query);
    return query;
  };
}

function compiler(dialect: Dialect): Kysely<Schema> {
  const createDriver = () => new DummyDriver();
  if (dialect === 'sqlite')
    return new Kysely<Schema>({
      dialect: {
        createDriver,
        createAdapter: () => new SqliteAdapter(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    });
  return new Kysely<Schema>({
    dialect: {
      createDriver,
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema('durapod');
}
