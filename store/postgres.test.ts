import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../test/postgres.ts';
import type { Change, Store } from './port.ts';
import { openPostgresStore } from './postgres.ts';
import { storeSuite } from './suite.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.stop());

storeSuite('PostgreSQL', async () => {
  const url = await server.createDatabase();
  return { open: () => openPostgresStore(url), remove: async () => {} };
});

const key = (name: string) => ({ resource: 'pods', namespace: 'default', name });
const create = (store: Store, name: string) => store.create(key(name), { metadata: { name } }, 'client');

async function collect(store: Store, count: number): Promise<number[]> {
  const changes: Change[] = [];
  for await (const change of store.watch({ since: 0 })) if (changes.push(change) === count) break;
  return changes.map(({ revision }) => revision);
}

describe('PostgreSQL server', () => {
  test('stores that open together make the tables once', async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openPostgresStore(url)));
    await Promise.all(stores.map((store, i) => create(store, `p${i}`)));
    expect(await stores[0]!.revision()).toBe(4);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('tells watchers of other processes without their looking', async () => {
    const url = await server.createDatabase();
    const [reader, writer] = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
    const watching = collect(reader, 20);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    for (let i = 0; i < 20; i++) await create(writer, `p${i}`);
    expect(await watching).toHaveLength(20);
    // Looking alone would take up to five seconds.
    expect(performance.now() - start).toBeLessThan(2000);
    await Promise.all([reader.close(), writer.close()]);
  });

  test('a write waits for the one before it, so no revision appears late', async () => {
    const url = await server.createDatabase();
    const store = await openPostgresStore(url);
    const slow = new pg.Client(url);
    await slow.connect();
    await slow.query('begin; select from durapod.meta where id = 1 for update');
    let written = false;
    const writing = create(store, 'a').then(() => {
      written = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect({ written, revision: await store.revision() }).toEqual({ written: false, revision: 0 });
    await slow.query('commit');
    await writing;
    expect(await store.revision()).toBe(1);
    await slow.end();
    await store.close();
  });

  test('a crash of the server ends no watch, and writes and reads go on', async () => {
    const url = await server.createDatabase();
    const [store, other] = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
    const watching = collect(store, 4);
    await create(store, 'a');
    await create(other, 'b');
    const crashed = server.crash(200);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await create(store, 'c');
    await crashed;
    expect((await other.list('pods')).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    await create(other, 'd');
    expect(await watching).toEqual([1, 2, 3, 4]);
    await Promise.all([store.close(), other.close()]);
  }, 20_000);

  test('a commit without an answer is not repeated, and says that it is in doubt', async () => {
    const url = await server.createDatabase();
    const store = await openPostgresStore(url);
    const client = new pg.Client(url);
    await client.connect();
    await client.query(`
      create function break_off() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
      create constraint trigger break_off after insert on durapod.log deferrable initially deferred
        for each row execute function break_off();`);
    await expect(create(store, 'a')).rejects.toThrow('during a commit');
    await client.query('drop trigger break_off on durapod.log');
    await client.end();
    await create(store, 'b');
    expect(await collect(store, 1)).toEqual([1]);
    await store.close();
  });

  test('what cannot be opened is named, its password is not', async () => {
    const url = `postgres://someone:secret@${server.host}:${server.port}/missing`;
    const error = await openPostgresStore(url).catch((error: Error) => error);
    expect((error as Error).message).toMatch(
      /^cannot open the store in PostgreSQL, database missing at 127\.0\.0\.1:\d+: (role|database) "\w+" does not exist$/,
    );
  });

  test('a store of a newer program is left alone', async () => {
    const url = await server.createDatabase();
    await (await openPostgresStore(url)).close();
    const client = new pg.Client(url);
    await client.connect();
    await client.query('insert into durapod.migrations default values');
    await client.end();
    await expect(openPostgresStore(url)).rejects.toThrow('written by a newer durapod');
  });
});
