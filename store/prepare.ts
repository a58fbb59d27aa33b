/**
 * Prepared queries. Kysely types and compiles them, once, and does not run them: building a query anew costs more than
 * SQLite needs to answer it, a fixed text can stay prepared in both databases, and SQLite's driver stays synchronous.
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

export type Dialect = 'sqlite' | 'postgres';

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

/** Compiles what `build` makes of placeholders, one for each value it will be given. */
export function prepare<P extends object, R>(
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

/** One compiled query for each shape asked for; there are few. */
export function memoize<S extends object, Q>(build: (shape: S) => Q): (shape: S) => Q {
  const built = new Map<string, Q>();
  return (shape) => {
    const key = Object.values(shape).join();
    const query = built.get(key) ?? build(shape);
    built.set(key, query);
    return query;
  };
}

/** Builds queries in the words of a database, and cannot run any. */
export function compiler<Schema>(dialect: Dialect): Kysely<Schema> {
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
