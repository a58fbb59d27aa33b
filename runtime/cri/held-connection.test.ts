import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SERVICES } from './client.ts';

let directory: string;
let server: Server;
let began: Promise<ServerUnaryCall<object, object>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cri-held-'));
  const { promise, resolve } = Promise.withResolvers<ServerUnaryCall<object, object>>();
  began = promise;
  server = new Server();
  const handlers = Object.keys(SERVICES.runtime).map((name): [string, UntypedHandleCall] => [name, resolve]);
  server.addService(SERVICES.runtime as ServiceDefinition, Object.fromEntries(handlers));
  const { promise: bound, ...binding } = Promise.withResolvers<void>();
  server.bindAsync(`unix://${join(directory, 'c.sock')}`, ServerCredentials.createInsecure(), (error) =>
    error ? binding.reject(error) : binding.resolve(),
  );
  await bound;
});

afterEach(async () => {
  server.forceShutdown();
  await rm(directory, { recursive: true });
});

/** A process with a call under way that is never answered; `then` is what it does when it is told something. */
function client(then: string): ChildProcess {
  const script = `
    import { CriClient } from ${JSON.stringify(new URL('client.ts', import.meta.url).href)};
    const client = new CriClient(${JSON.stringify(join(directory, 'c.sock'))});
    const given = new AbortController();
    client.call('runtime', 'StartContainer', {}, { signal: given.signal }).catch(() => undefined);
    process.stdin.once('data', () => { process.stdin.destroy(); ${then} });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'ignore', 'inherit'] });
}

/** Whoever holds the connections of a process. */
async function holders({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** One that has ended may still stand in the table of processes. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !stat.includes(') Z');
}

/** What is to be seen, after the client of a call has ended in the way of `then`, of the call and of who holds its connection. */
async function afterClient(then: string) {
  const child = client(then);
  const call = await began;
  const held = await holders(child);
  child.stdin?.write('now');
  await once(child, 'exit');
  return async () => ({ cancelled: call.cancelled, held: await Promise.all(held.map(lives)) });
}

test('a call goes on when its client is killed', async () => {
  const seen = await afterClient('process.kill(process.pid, "SIGKILL")');
  await sleep(700);
  expect(await seen()).toEqual({ cancelled: false, held: [true] });
});

test('a call ends when its client closes the connection', async () => {
  const seen = await afterClient('given.abort(); client.close()');
  await expect.poll(seen, { timeout: 5000 }).toEqual({ cancelled: true, held: [false] });
});
