/** The tables in PostgreSQL. */
import type pg from 'pg';
import { channel } from './postgres-listener.ts';

/** Any number that no other program on the database is likely to lock. */
const migrationLock = 7_305_820_761;

/**
 * Each runs once, in order; `durapod.migrations` counts them. Only append. Names sort by their bytes, as in SQLite.
 * Objects are text and not jsonb: only ever read whole, and returned as they were written.
 */
const migrations = [
  `create table durapod.objects (
     resource text collate "C" not null, namespace text collate "C" not null, name text collate "C" not null,
     revision bigint not null, object text not null, primary key (resource, namespace, name));
   create table durapod.log (
     revision bigint primary key, resource text collate "C" not null, namespace text collate "C" not null,
     name text collate "C" not null, writer text not null, object text, previous text);
   create table durapod.meta (id integer primary key, revision bigint not null, compacted bigint not null);
   create table durapod.cursors (name text collate "C" primary key, revision bigint not null);
   insert into durapod.meta (id, revision, compacted) values (1, 0, 0);
   create function durapod.tell_revision() returns trigger language plpgsql as
     $$ begin perform pg_notify('${channel}', new.revision::text); return null; end $$;
   create trigger tell_revision after update of revision on durapod.meta
     for each row execute function durapod.tell_revision();`,
];

/** Makes or upgrades the tables; processes that start together take turns. */
export async function migrate(client: pg.ClientBase): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(${migrationLock})`);
    const done = await applied(client);
    if (done > migrations.length)
      throw new Error(
        `it was written by a newer durapod (schema ${done}, this one knows ${migrations.length}): upgrade`,
      );
    for (const migration of migrations.slice(done)) {
      await client.query(migration);
      await client.query('insert into durapod.migrations default values');
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function applied(client: pg.ClientBase): Promise<number> {
  // Asked first: a role that may only use the tables may not create a schema, be it there already.
  const known = await client.query(`select to_regclass('durapod.migrations') as found`);
  if (known.rows[0].found === null) {
    await client.query('create schema if not exists durapod');
    await client.query(
      'create table durapod.migrations (id integer generated always as identity primary key, at timestamptz not null default now())',
    );
  }
  const { rows } = await client.query<{ done: number }>('select count(*)::integer as done from durapod.migrations');
  return rows[0]!.done;
}
