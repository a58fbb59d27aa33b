/** The store in PostgreSQL, for several machines. Everything is in the schema `durapod` of the database it is given. */
import pg from 'pg';
import { type Database, type Rows, runAsync, type Script, type Statement } from './database.ts';
import type { Store } from './port.ts';
import { listen } from './postgres-listener.ts';
import { migrate } from './postgres-migrations.ts';
import { isUnreachable, retrying, Unreachable } from './postgres-retry.ts';
import { queries } from './queries.ts';
import { storeOn } from './store.ts';

/** Notices wake watchers; this is for one that was lost with its connection. Milliseconds. */
const lookEvery = 5000;

const plain = (sql: string): Statement => ({ name: '', sql, values: [] });
/**
 * Every writer waits here for the one before it to commit: revisions are given in the order in which they become
 * visible, so a watcher that has seen one has seen all before it.
 */
const begin = [plain('begin'), plain('select from durapod.meta where id = 1 for update')];
const commit = plain('commit');
const rollback = plain('rollback');

/**
 * Opens the store in the database at `url` (`postgres://user@host/database`) and makes or upgrades its tables. Waits
 * some seconds for a server that is starting. A server that goes away is waited for by reads and by writes that have
 * not reached their commit; a commit without an answer throws, and says that it is in doubt.
 */
export async function openPostgresStore(url: string): Promise<Store> {
  const config: pg.PoolConfig = {
    connectionString: url,
    application_name: 'durapod',
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    query_timeout: 30_000,
    statement_timeout: 30_000,
    lock_timeout: 10_000,
    // A process that is stopped in the middle of a write must not stop all others.
    idle_in_transaction_session_timeout: 5000,
    types: {
      getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  };
  // Pipelined: the statements of a step travel together, so a write costs three round trips, not seven.
  const pool = new pg.Pool({ ...config, max: 10, pipeline: true });
  // A connection that breaks says so to its query; without one, it leaves the pool and nobody is concerned.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await retrying(() => withClient(pool, migrate));
  } catch (error) {
    await pool.end();
    const { host, port, database } = new pg.Client(config);
    const reason = (error as Error).message;
    throw new Error(`cannot open the store in PostgreSQL, database ${database} at ${host}:${port}: ${reason}`, {
      cause: error,
    });
  }
  return storeOn(postgresDatabase(pool, config), queries('postgres'));
}

function postgresDatabase(pool: pg.Pool, config: pg.ClientConfig): Database {
  const closing = new AbortController();
  let listening = Promise.resolve();
  const attempt = <T>(work: (client: pg.PoolClient) => Promise<T>) =>
    retrying(() => withClient(pool, work), closing.signal);
  return {
    run: (script) => attempt((client) => runAsync(script(), (step) => send(client, step))),
    write: (script) => attempt((client) => transaction(client, script())),
    onWrite(seen) {
      listening = listen(config, seen, closing.signal);
    },
    lookEvery,
    async close() {
      closing.abort();
      await Promise.all([listening, pool.end()]);
    },
  };
}

async function transaction<T>(client: pg.PoolClient, script: Script<T>): Promise<T> {
  let opening = begin;
  let result: T;
  try {
    result = await runAsync(script, async (step) => {
      const answers = await send(client, [...opening, ...step]);
      const rows = answers.slice(opening.length);
      opening = [];
      return rows;
    });
  } catch (error) {
    if (!(error instanceof Unreachable)) await send(client, [rollback]);
    throw error;
  }
  try {
    await send(client, [commit]);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw new Error('PostgreSQL went away during a commit: the write may be there or not, read before writing again', {
      cause: error,
    });
  }
  return result;
}

/** Sends all at once and answers when all are done, in order. */
async function send(client: pg.PoolClient, statements: Statement[]): Promise<Rows[]> {
  const sent = statements.map(({ name, sql, values }) => client.query({ name, text: sql, values }));
  try {
    return (await Promise.all(sent)).map((result) => result.rows);
  } catch (error) {
    throw isUnreachable(error) ? new Unreachable(error) : error;
  }
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error) => {
    throw isUnreachable(error) ? new Unreachable(error) : error;
  });
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = error instanceof Unreachable || (error instanceof Error && error.cause instanceof Unreachable);
    throw error;
  } finally {
    client.release(broken);
  }
}
