/** A PostgreSQL server of its own for tests: Debian's programs, a temporary directory, a free port, nothing durable. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../cli/ports.ts';

export interface PostgresServer {
  host: string;
  port: number;
  /** The superuser; it needs no password. */
  user: string;
  /** Makes an empty database; resolves with its URL. */
  createDatabase(): Promise<string>;
  /** Ends the server at once, as a crash would, and starts it again after `pause` milliseconds. */
  crash(pause?: number): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** Starts the server; ready for connections when it resolves. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  const identity = serverIdentity();
  const directory = mkdtempSync(join(tmpdir(), 'durapod-postgres-'));
  if (identity) chownSync(directory, identity.uid, identity.gid);
  const data = join(directory, 'data');
  const user = 'postgres';
  const host = '127.0.0.1';
  const port = await freePort(host);
  const options = { cwd: directory, ...identity };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...options,
    stdio: 'pipe',
  });
  let server: ChildProcess;
  let output = '';
  let databases = 0;

  async function start() {
    const settings = ['fsync=off', 'max_connections=100', 'shared_buffers=32MB', 'unix_socket_directories='];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    server = spawn(join(bin, 'postgres'), ['-D', data, '-h', host, '-p', String(port), ...flags], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr!.on('data', (chunk) => {
      output = (output + chunk).slice(-4000);
    });
    const deadline = performance.now() + 30_000;
    for (;;) {
      const client = new pg.Client({ host, port, user, database: 'postgres' });
      client.on('error', () => {});
      try {
        await client.connect();
        return await client.end();
      } catch {
        if (server.exitCode !== null || performance.now() > deadline)
          throw new Error(`PostgreSQL does not start: ${output}`);
        await sleep(50);
      }
    }
  }

  /** SIGQUIT is PostgreSQL's immediate shutdown: recovery at the next start. */
  async function end(signal: 'SIGINT' | 'SIGQUIT') {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  }

  await start();
  return {
    host,
    port,
    user,
    async createDatabase() {
      const client = new pg.Client({ host, port, user, database: 'postgres' });
      await client.connect();
      const name = `test_${++databases}`;
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://${user}@${host}:${port}/${name}`;
    },
    async crash(pause = 0) {
      await end('SIGQUIT');
      await sleep(pause);
      await start();
    },
    async stop() {
      await end('SIGINT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function binaries(): string {
  const found = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const directory = found.findLast((bin) => existsSync(join(bin, 'initdb')));
  if (!directory) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return directory;
}

/** PostgreSQL refuses to run as root. */
function serverIdentity(): { uid: number; gid: number } | undefined {
  if (process.getuid!() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
