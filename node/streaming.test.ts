import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPki, type Pki } from '../cli/pki.ts';
import { dial, UpgradeRefused } from '../net/tunnel.ts';
import type { Runtime, RuntimeContainerState } from '../runtime/port.ts';
import { type StreamingServer, startStreaming } from './streaming.ts';

const pod = '/default/web/u1';
const line = (text: string) => `2026-03-04T05:06:07.5Z stdout F ${text}\n`;

let directory: string;
let pki: Pki;
let streaming: StreamingServer;
/** The runtime's streaming server: echoes whatever is upgraded to SPDY, and refuses everything else. */
let backend: Server;
let upgrades: IncomingMessage[];
let backendSockets: Set<Duplex>;
let states: Record<string, RuntimeContainerState>;
/** How often the runtime was asked for its containers. */
let asked: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-streaming-'));
  await mkdir(join(directory, 'pki'));
  pki = await openPki(join(directory, 'pki'));
  backendSockets = new Set();
  backend = createServer();
  backend.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
    upgrades.push(incoming);
    backendSockets.add(socket.once('close', () => backendSockets.delete(socket)));
    socket.on('error', () => {});
    if (incoming.headers.upgrade !== 'SPDY/3.1') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nSPDY only');
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\nhello ');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const runtime: Partial<Runtime> = {
    listContainers: async () => {
      asked++;
      return Object.entries(states).map(([id, state]) => {
        const [name = '', attempt] = id.split('/');
        return { id, name, attempt: Number(attempt), state, sandboxId: 's', image: '', imageRef: '' } as never;
      });
    },
    listSandboxes: async () => [{ id: 's', attempt: 0, ready: true } as never],
    execUrl: async (id, command, options) => `${url}/exec?${JSON.stringify([id, command, options])}`,
    attachUrl: async (id, options) => `${url}/attach?${JSON.stringify([id, options])}`,
    portForwardUrl: async (id, ports) => `${url}/portforward?${JSON.stringify([id, ports])}`,
  };
  streaming = await startStreaming({
    runtime: runtime as Runtime,
    podLogs: directory,
    port: 0,
    tls: pki.node,
    token: 'secret',
    log: { warn() {} },
    idleMs: 300,
  });
});
beforeEach(() => {
  upgrades = [];
  asked = 0;
  states = { 'main/0': 'exited', 'main/1': 'running', 'done/0': 'exited', 'new/0': 'created' };
});
afterAll(async () => {
  await streaming?.close();
  backend?.close();
  backend?.closeAllConnections();
  await rm(directory, { recursive: true, force: true });
});

async function get(path: string, token = 'secret', method = 'GET') {
  const options = {
    port: streaming.port,
    path,
    method,
    ca: pki.ca.cert,
    headers: { authorization: `Bearer ${token}` },
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(options, resolve).on('error', reject).end();
  });
  return { code: response.statusCode, body: await text(response) };
}

function upgrade(path: string, headers: Record<string, string | string[]> = {}) {
  return dial({
    url: new URL(`https://127.0.0.1:${streaming.port}${path}`),
    method: 'POST',
    headers: { authorization: 'Bearer secret', connection: 'Upgrade', upgrade: 'SPDY/3.1', ...headers },
    ca: pki.ca.cert,
  });
}

const failure = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
});

describe('what is refused', () => {
  const served =
    'ask for /containerLogs, /exec or /attach with /<namespace>/<pod>/<uid>/<container>, or /portForward/<namespace>/<pod>/<uid>';
  test.each([
    [
      'a wrong token',
      `/containerLogs${pod}/main`,
      'wrong',
      401,
      'Unauthorized',
      'the node asks for the bearer token that its API knows',
    ],
    ['another path', '/pods', 'secret', 404, 'NotFound', `nothing is served at /pods: ${served}`],
    [
      'a way out of the logs',
      '/containerLogs/a/b/c/%2e%2e%2f',
      'secret',
      404,
      'NotFound',
      `nothing is served at /containerLogs/a/b/c/%2e%2e%2f: ${served}`,
    ],
    ['no upgrade', `/exec${pod}/main?command=ls&output=1`, 'secret', 400, 'BadRequest', 'Upgrade request required'],
    [
      'no log',
      `/containerLogs${pod}/none`,
      'secret',
      404,
      'NotFound',
      'container "none" in pod "web" has written no log on this node',
    ],
    [
      'a tail of no number',
      `/containerLogs${pod}/main?tailLines=x`,
      'secret',
      400,
      'BadRequest',
      'tailLines must be a whole number of at least 0, not "x"',
    ],
  ])('%s', async (_, path, token, code, reason, message) => {
    const answer = await get(path, token);
    expect([answer.code, JSON.parse(answer.body)]).toEqual([code, failure(code, reason, message)]);
  });

  test.each([
    [
      'a container that has ended',
      `/exec${pod}/done?command=ls&output=1`,
      409,
      'Conflict',
      'container "done" in pod "web" is not running: it is exited',
    ],
    [
      'one that has not started',
      `/attach${pod}/new?output=1`,
      409,
      'Conflict',
      'container "new" in pod "web" is not running: it is created',
    ],
    [
      'one that is not there',
      `/exec${pod}/none?command=ls&output=1`,
      404,
      'NotFound',
      'container "none" in pod "web" has not been created yet',
    ],
    ['no command', `/exec${pod}/main?output=1`, 400, 'BadRequest', 'exec needs a command'],
    [
      'no streams',
      `/exec${pod}/main?command=ls`,
      400,
      'BadRequest',
      'at least one of stdin, stdout and stderr must be asked for',
    ],
    [
      'a port that is none',
      `/portForward${pod}?port=0`,
      400,
      'BadRequest',
      'port must be between 1 and 65535, and there may be 64 of them',
    ],
  ])('upgrade: %s', async (_, path, code, reason, message) => {
    const error = await upgrade(path).catch((error) => error);
    expect(error).toBeInstanceOf(UpgradeRefused);
    expect([error.status, JSON.parse(error.body)]).toEqual([code, failure(code, reason, message)]);
    expect(upgrades).toEqual([]);
  });

  test('a wrong token for an upgrade', async () => {
    const error = await upgrade(`/exec${pod}/main`, { authorization: 'Bearer x' }).catch((error) => error);
    expect(error.status).toBe(401);
  });
});

describe('logs', () => {
  beforeAll(async () => {
    await mkdir(join(directory, 'default_web_u1', 'main'), { recursive: true });
    await writeFile(join(directory, 'default_web_u1', 'main', '0.log'), line('before'));
    await writeFile(join(directory, 'default_web_u1', 'main', '1.log'), line('one') + line('two'));
  });

  test.each([
    ['', 'one\ntwo\n'],
    ['previous=true', 'before\n'],
    ['tailLines=1&timestamps=true', '2026-03-04T05:06:07.500000000Z two\n'],
    ['sinceTime=2026-03-04T05:06:08Z', ''],
    ['limitBytes=2&stream=Stdout', 'on'],
    ['stream=Stderr', ''],
  ])('?%s', async (query, body) => {
    expect(await get(`/containerLogs${pod}/main?${query}`)).toEqual({ code: 200, body });
  });

  test('a follower reads to the end of its attempt', async () => {
    const following = get(`/containerLogs${pod}/main?follow=true&tailLines=0`);
    // A follower at the end of the log asks whether the container has ended.
    await expect.poll(() => asked).toBeGreaterThan(0);
    await appendFile(join(directory, 'default_web_u1', 'main', '1.log'), line('three'));
    states['main/1'] = 'exited';
    expect(await following).toEqual({ code: 200, body: 'three\n' });
  });
});

describe('upgrades', () => {
  test('SPDY passes through, with the protocols it offers and what comes right behind the answer', async () => {
    const protocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io'];
    const { response, socket, head } = await upgrade(`/exec${pod}/main?command=a&command=b&input=1&output=1&error=1`, {
      'x-stream-protocol-version': protocols,
    });
    socket.unshift(head);
    socket.write('world');
    let read = '';
    for await (const chunk of socket) {
      read += chunk;
      if (read.length >= 11) break;
    }
    expect(read).toBe('hello world');
    expect(response.headers.upgrade).toBe('SPDY/3.1');
    expect(
      upgrades.map(({ headersDistinct, url }) => [headersDistinct['x-stream-protocol-version'], decodeURI(url ?? '')]),
    ).toEqual([[protocols, '/exec?["main/1",["a","b"],{"stdin":true,"stdout":true,"stderr":true,"tty":false}]']]);
    expect(JSON.stringify(upgrades[0]?.headers)).not.toContain('secret');
  });

  test('when the client goes, so does the other end', async () => {
    const { socket } = await upgrade(`/attach${pod}/main?output=1`);
    await expect.poll(() => backendSockets.size).toBe(1);
    socket.destroy();
    await expect.poll(() => backendSockets.size).toBe(0);
  });

  test('when the other end goes, so does the client; silence ends both', async () => {
    const first = await upgrade(`/portForward${pod}?port=80`);
    await expect.poll(() => backendSockets.size).toBe(1);
    for (const socket of backendSockets) socket.destroy();
    await expect.poll(() => first.socket.resume().destroyed).toBe(true);
    const second = await upgrade(`/portForward${pod}?port=80`);
    await expect.poll(() => second.socket.resume().destroyed, { timeout: 2000 }).toBe(true);
    expect(backendSockets.size).toBe(0);
  });

  test("the runtime's refusal is handed on", async () => {
    const error = await upgrade(`/exec${pod}/main?command=a&output=1`, { upgrade: 'other' }).catch((error) => error);
    expect([error.status, error.contentType, String(error.body)]).toEqual([403, 'text/plain', 'SPDY only']);
  });
});
