import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { openPki, type Pki } from '../../cli/pki.ts';
import { dial, UpgradeRefused } from '../../net/tunnel.ts';
import type { Log } from '../../pod/log.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite.ts';
import type { App, AppEnv } from '../deps.ts';
import { ApiError, failureStatus } from '../errors.ts';
import { createHolderOf, createIdentify } from '../identity.ts';
import { impersonating } from '../impersonate.ts';
import { type ApiServer, serve } from '../server.ts';
import { createNodeConnector, type NodeConnector } from './node-connector.ts';
import { streamRoutes } from './routes.ts';
import { createUpgrade } from './upgrade.ts';

const base = '/api/v1/namespaces/default/pods';
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

let directory: string;
let pki: Pki;
let store: Store;
let nodes: NodeConnector;
let app: App;
let server: ApiServer;
/** A node that says what it was asked, refuses the container `broken`, and echoes what is upgraded. */
let node: Server;
let asked: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-streams-'));
  pki = await openPki(directory, { nodeName: 'here' });
  const status = (code: number, message: string) =>
    JSON.stringify({ kind: 'Status', code, reason: 'Conflict', message, status: 'Failure' });
  node = createServer(pki.node, (request, response) => {
    asked.push(`${request.headers.authorization === `Bearer ${pki.tokens.node}`} ${request.url}`);
    if (request.url?.includes('broken')) return response.writeHead(409).end(status(409, 'it is broken'));
    response.writeHead(200, { 'content-type': 'text/plain' }).end('line\n');
  });
  node.on('upgrade', (request, socket: Duplex) => {
    asked.push(`${request.headers.authorization === `Bearer ${pki.tokens.node}`} ${request.url}`);
    socket.on('error', () => {});
    if (request.url?.includes('broken')) {
      const body = status(409, 'it is broken');
      socket.end(
        `HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhello');
    socket.pipe(socket);
  });
  await once(node.listen(0, '127.0.0.1'), 'listening');

  store = openSqliteStore(':memory:');
  await createObjects(store, (node.address() as AddressInfo).port);
  nodes = createNodeConnector({ ca: pki.ca.cert, token: pki.tokens.node });
  app = new Hono<AppEnv>();
  app.onError((error) => Response.json(failureStatus(error), { status: error instanceof ApiError ? error.code : 500 }));
  streamRoutes(app, { store, nodes });
  const account = { name: 'system:serviceaccount:default:default', groups: ['system:serviceaccounts'] };
  const holderOf = createHolderOf(
    new Map([
      ['user', { name: 'user', groups: [] }],
      ['account', account],
    ]),
  );
  const upgrade = createUpgrade({ store, nodes, identify: impersonating(createIdentify(holderOf)), log });
  server = await serve({ fetch: app.fetch, upgrade, port: 0, tls: { ...pki.server, ca: pki.ca.cert } });
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await server?.close();
  node?.close();
  node?.closeAllConnections();
  await store?.close();
  await rm(directory, { recursive: true, force: true });
});

async function createObjects(store: Store, port: number) {
  const nodeObject = (port: number) => ({
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });
  const running = (name: string) => ({ name, state: { running: {} } });
  const pod = (name: string, spec: object, statuses: object[]) =>
    store.create(
      { resource: 'pods', namespace: 'default', name },
      { metadata: { name, namespace: 'default', uid: `u-${name}` }, spec, status: { containerStatuses: statuses } },
      'client',
    );
  await store.create(
    { resource: 'nodes', namespace: '', name: 'here' },
    { metadata: {}, ...nodeObject(port) },
    'client',
  );
  await store.create({ resource: 'nodes', namespace: '', name: 'away' }, { metadata: {}, ...nodeObject(1) }, 'client');
  await pod('web', { nodeName: 'here', containers: [{ name: 'a' }, { name: 'broken' }] }, [
    running('a'),
    running('broken'),
  ]);
  await pod('new', { containers: [{ name: 'a' }] }, []);
  await pod('waits', { nodeName: 'here', containers: [{ name: 'a' }] }, [
    { name: 'a', state: { waiting: { reason: 'PodInitializing' } } },
  ]);
  await pod('far', { nodeName: 'away', containers: [{ name: 'a' }] }, [running('a')]);
  await pod('lost', { nodeName: 'unknown', containers: [{ name: 'a' }] }, [running('a')]);
}

const refusals: [string, string, number, string][] = [
  ['no such Pod', 'none/SUB', 404, 'pods "none" not found'],
  ['which container', 'web/SUB', 400, 'a container name must be specified for pod web, choose one of: [a broken]'],
  ['no such container', 'web/SUB?container=x', 400, 'container x is not valid for pod web'],
  [
    'a node that is away',
    'far/SUB',
    503,
    `node "away" cannot be reached (ECONNREFUSED): is durapod's node role running there?`,
  ],
  [
    'a node nobody knows',
    'lost/SUB',
    503,
    `node "unknown" has not said where it can be reached: is durapod's node role running there?`,
  ],
  ['what the node refuses', 'web/SUB?container=broken', 409, 'it is broken'],
];

describe('log', () => {
  const get = async (path: string) => {
    const response = await app.request(`${base}/${path}`);
    return { code: response.status, body: await response.text() };
  };

  test('is read from the node', async () => {
    const query = 'container=a&follow=true&tailLines=3';
    expect(await get(`web/log?${query}`)).toEqual({ code: 200, body: 'line\n' });
    expect(asked).toEqual(['true /containerLogs/default/web/u-web/a?tailLines=3&follow=true']);
  });

  test('of a Pod without a node is empty', async () => {
    expect(await get('new/log')).toEqual({ code: 200, body: '' });
    expect(asked).toEqual([]);
  });

  test.each([
    ...refusals,
    ['waiting', 'waits/log', 400, 'container "a" in pod "waits" is waiting to start: PodInitializing'] as const,
  ])('refused: %s', async (_, path, code, message) => {
    const answer = await get(path.replace('SUB', 'log'));
    expect([answer.code, JSON.parse(answer.body)]).toEqual([
      code,
      expect.objectContaining({ kind: 'Status', message }),
    ]);
  });

  test.each(['exec', 'attach', 'portforward'])('%s without an upgrade', async (subresource) => {
    const response = await app.request(`${base}/web/${subresource}`, { method: 'POST' });
    expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
      400,
      `Upgrade request required: ${subresource} needs WebSocket or SPDY/3.1`,
    ]);
  });
});

describe('upgrades', () => {
  const upgrade = (path: string, headers: Record<string, string> = { authorization: 'Bearer user' }) =>
    dial({
      url: new URL(`https://127.0.0.1:${server.port}${base}/${path}`),
      method: 'POST',
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', ...headers },
      ca: pki.ca.cert,
    });

  test.each([
    [
      'exec',
      'web/exec?container=a&command=ls&command=-l&stdout=true&stdin=false&stderr=1',
      'exec/default/web/u-web/a?output=1&error=1&command=ls&command=-l',
    ],
    ['attach', 'web/attach?container=a&stdin=true&tty=true', 'attach/default/web/u-web/a?input=1&tty=1'],
    ['portforward', 'web/portforward?ports=80,81&ports=82', 'portForward/default/web/u-web?port=80&port=81&port=82'],
  ])('%s passes to the node and back', async (_, path, atNode) => {
    const { socket, head } = await upgrade(path);
    socket.unshift(head);
    socket.write(' world');
    let read = '';
    for await (const chunk of socket) {
      read += chunk;
      if (read.length >= 11) break;
    }
    expect(read).toBe('hello world');
    expect(asked).toEqual([`true /${atNode}`]);
  });

  test.each([
    ...refusals,
    ['a Pod without a node', 'new/SUB', 400, 'pod new does not have a host assigned'] as const,
    [
      'another path',
      'web/other',
      404,
      `the server could not find the requested resource: nothing is served at ${base}/web/other`,
    ] as const,
  ])('refused: %s', async (_, path, code, message) => {
    const error = await upgrade(path.replace('SUB', 'attach')).catch((error) => error);
    expect(error).toBeInstanceOf(UpgradeRefused);
    expect([error.status, JSON.parse(error.body)]).toEqual([
      code,
      expect.objectContaining({ kind: 'Status', message }),
    ]);
  });

  test('refused: a stranger', async () => {
    const error = await upgrade('web/exec?container=a&command=ls', {}).catch((error) => error);
    expect([error.status, JSON.parse(error.body).reason]).toEqual([401, 'Unauthorized']);
    expect(asked).toEqual([]);
  });

  test('refused: a user who acts as a service account', async () => {
    const headers = { authorization: 'Bearer user', 'impersonate-user': 'system:serviceaccount:default:a' };
    const error = await upgrade('web/exec?container=a&command=ls', headers).catch((error) => error);
    expect([error.status, JSON.parse(error.body).reason]).toEqual([403, 'Forbidden']);
    expect(asked).toEqual([]);
  });

  test.each(['exec?container=a&command=ls', 'attach?container=a', 'portforward?ports=80', 'log?container=a', 'proxy/'])(
    'refused: a service account, web/%s',
    async (path) => {
      const error = await upgrade(`web/${path}`, { authorization: 'Bearer account' }).catch((error) => error);
      expect([error.status, JSON.parse(error.body)]).toEqual([
        403,
        expect.objectContaining({
          reason: 'Forbidden',
          message: `pods "web" is forbidden: User "system:serviceaccount:default:default" cannot create resource "pods/${/^\w+/.exec(path)}" in API group "" in the namespace "default": service accounts may only look at what is served here, and ask about themselves`,
          details: { name: 'web', kind: 'pods' },
        }),
      ]);
      expect(asked).toEqual([]);
    },
  );

  test('refused: no command', async () => {
    const error = await upgrade('web/exec?container=a').catch((error) => error);
    expect([error.status, JSON.parse(error.body).message]).toEqual([
      400,
      'exec needs at least one `command` parameter',
    ]);
  });

  test.each([
    ['binary.k8s.io', 'line\n'],
    ['base64.binary.k8s.io', Buffer.from('line\n').toString('base64')],
  ])('a log over WebSocket, %s', async (protocol, message) => {
    const client = new WebSocket(`https://127.0.0.1:${server.port}${base}/web/log?container=a`, [protocol], {
      ca: pki.ca.cert,
      headers: { authorization: 'Bearer user' },
    });
    const messages: string[] = [];
    client.on('message', (data) => messages.push(String(data)));
    const [code] = await once(client, 'close');
    expect([code, messages, client.protocol]).toEqual([1000, [message], protocol]);
  });
});
