import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openPki, type Pki } from '../cli/pki.ts';
import { createHolderOf, createIdentify, type NodeBindings } from './identity.ts';
import { type ApiServer, serve } from './server.ts';

const identify = createIdentify(createHolderOf(new Map()));
let directory: string;
let pki: Pki;
let server: ApiServer;
/** A request to /slow is being answered, and may be. */
let slow: { begun: PromiseWithResolvers<void>; end: PromiseWithResolvers<void> };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-server-'));
  await mkdir(directory, { recursive: true });
  pki = await openPki(directory);
});
afterAll(() => rm(directory, { recursive: true }));
beforeEach(async () => {
  slow = { begun: Promise.withResolvers(), end: Promise.withResolvers() };
  server = await serve({ fetch: answer, upgrade: echo, port: 0, tls: { ...pki.server, ca: pki.ca.cert } });
});
afterEach(() => server.close());

async function answer(incoming: Request, env: NodeBindings): Promise<Response> {
  const { pathname } = new URL(incoming.url);
  if (pathname === '/who') return Response.json((await identify(incoming, env)) ?? null);
  if (pathname === '/size') return Response.json((await incoming.arrayBuffer()).byteLength);
  if (pathname === '/slow') {
    slow.begun.resolve();
    await slow.end.promise;
    return new Response('slow');
  }
  // A watch: it says something once and stays.
  return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('event\n')) }));
}

async function echo(_: IncomingMessage, socket: Duplex): Promise<void> {
  socket.on('error', () => {});
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  socket.pipe(socket);
}

async function send(path: string, options: RequestOptions = {}, body?: Buffer) {
  const outgoing = request({ port: server.port, path, ca: pki.ca.cert, agent: false, ...options });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}
const json = async (response: IncomingMessage) => JSON.parse(await text(response));

test('who asks, by client certificate or not at all', async () => {
  expect(await json(await send('/who'))).toBeNull();
  const { cert, key } = pki.admin;
  expect(await json(await send('/who', { cert, key }))).toEqual({ name: 'admin', groups: ['system:masters'] });
});

test('a certificate from another authority tells nothing', async () => {
  const other = join(directory, 'other');
  await mkdir(other);
  const { cert, key } = (await openPki(other)).admin;
  expect(await json(await send('/who', { cert, key }))).toBeNull();
});

test('bodies up to 3 MiB; larger ones are refused unread', async () => {
  const method = 'POST';
  expect(await json(await send('/size', { method }, Buffer.alloc(3 * 1024 * 1024)))).toBe(3 * 1024 * 1024);
  const headers = { 'content-length': 3 * 1024 * 1024 + 1, expect: '100-continue' };
  const response = await send('/size', { method, headers });
  expect(response.statusCode).toBe(413);
  expect(await json(response)).toMatchObject({ kind: 'Status', reason: 'RequestEntityTooLarge', code: 413 });
});

test('no plain HTTP, and no HTTP/2', async () => {
  const plain = requestPlain({ port: server.port, path: '/who' });
  plain.end();
  const [error] = await once(plain, 'error');
  expect(error.code).toBe('ECONNRESET');
  const socket = connect({ port: server.port, ca: pki.ca.cert, ALPNProtocols: ['h2', 'http/1.1'] });
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('http/1.1');
  socket.destroy();
});

test('closing ends watches and upgraded connections, and lets other requests finish', async () => {
  const watch = await send('/watch');
  const events = text(watch);
  const answered = send('/slow').then(text);
  const outgoing = request({
    port: server.port,
    path: '/',
    ca: pki.ca.cert,
    headers: { connection: 'Upgrade', upgrade: 'echo' },
  });
  outgoing.end();
  const [, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Duplex];
  socket.on('error', () => {});
  const gone = once(socket.resume(), 'close');
  await slow.begun.promise;
  const closed = server.close();
  expect(await events).toBe('event\n');
  await gone;
  slow.end.resolve();
  expect(await answered).toBe('slow');
  await closed;
});
