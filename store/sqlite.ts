/** The store in one SQLite file, for one machine. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Database, type Rows, runSync, type Statement } from './database.ts';
import type { Store } from './port.ts';
import { queries } from './queries.ts';
import { storeOn } from './store.ts';

/** Each runs once, in order; `user_version` counts them. Only append. */
const migrations = [
  `create table objects (
     resource text not null, namespace text not null, name text not null, revision integer not null,
     object text not null, primary key (resource, namespace, name));
   create table log (
     revision integer primary key, resource text not null, namespace text not null, name text not null,
     writer text not null, object text, previous text);
   create table meta (id integer primary key, revision integer not null, compacted integer not null);
   create table cursors (name text primary key, revision integer not null);
   insert into meta (id, revision, compacted) values (1, 0, 0);`,
];

/**
 * Opens the store in the file `path` (made if missing, readable by its owner only: it holds Secrets). Several processes
 * may open the same file. A write survives the end of the process; the last ones may be lost when the machine loses
 * power, never in part.
 */
export function openSqliteStore(path: string): Store {
  try {
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    const db = new DatabaseSync(path);
    db.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = normal;');
    migrate(db);
    return storeOn(sqliteDatabase(db), queries('sqlite'));
  } catch (error) {
    throw new Error(`cannot open the store ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function sqliteDatabase(db: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  function execute({ sql, values }: Statement): Rows {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement.all(...(values as SQLInputValue[]));
  }
  return {
    run: async (script) => runSync(script(), execute),
    write: async (script) => transaction(db, () => runSync(script(), execute)),
    onWrite() {},
    lookEvery: 100,
    close: async () => db.close(),
  };
}

/** Nothing may await inside: the connection is one, and whoever ran meanwhile would write into this transaction. */
function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin immediate');
  try {
    const result = work();
    db.exec('commit');
    return result;
  } catch (error) {
    // A full disk has already rolled it back.
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

function migrate(db: DatabaseSync) {
  transaction(db, () => {
    const done = Number(db.prepare('pragma user_version').get()!.user_version);
    if (done > migrations.length)
      throw new Error(
        `it was written by a newer durapod (schema ${done}, this one knows ${migrations.length}): upgrade`,
      );
    for (const migration of migrations.slice(done)) db.exec(migration);
    db.exec(`pragma user_version = ${migrations.length}`);
  });
}
