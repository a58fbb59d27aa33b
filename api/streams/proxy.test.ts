import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../store/sqlite.ts';
import { parseTarget, proxyToPod } from './proxy.ts';

const store = openSqliteStore(':memory:');
/** Ends the answer to `/slow`, which has only begun; of `/silent` not even that has. */
let end: () => void = () => {};
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  if (url === '/silent') return;
  if (url === '/slow') {
    response.write('first ');
    end = () => response.end('last');
    return;
  }
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    response.writeHead(203, { 'x-own': 'yes' });
    response.end(JSON.stringify({ method, url, body, authorization: headers.authorization, own: headers['x-own'] }));
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const containerPort = (server.address() as AddressInfo).port;
  const spec = { containers: [{ name: 'c', ports: [{ containerPort }] }] };
  const create = (name: string, status: object) =>
    store.create(
      { resource: 'pods', namespace: 'n', name },
      { metadata: { name, namespace: 'n' }, spec, status },
      'client',
    );
  await create('up', { podIP: '127.0.0.1' });
  await create('new', {});
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await store.close();
});

test('a request is handed on without the credentials, and so is the answer', async () => {
  const headers = { authorization: 'Bearer secret', 'x-own': '1' };
  const request = new Request('https://api/x?q=1', { method: 'POST', body: 'hello', headers });
  const response = await proxyToPod(store, 'n', 'up', '/read/it', request);
  expect([response.status, response.headers.get('x-own'), await response.json()]).toEqual([
    203,
    'yes',
    { method: 'POST', url: '/read/it?q=1', body: 'hello', own: '1' },
  ]);
});

test('a Pod that does not answer, has no address, or is not there', async () => {
  const failure = (target: string) =>
    proxyToPod(store, 'n', target, '/', new Request('https://api/')).catch(({ code, message }) => [code, message]);
  expect(await failure('up:1')).toEqual([503, 'pod "up" does not answer at http://127.0.0.1:1 (TypeError)']);
  expect(await failure('new')).toEqual([503, 'pod "new" has no address yet']);
  expect(await failure('none')).toEqual([404, 'pods "none" not found']);
});

test('an answer may take as long as it wants once it has begun', async () => {
  const asked = (path: string) => proxyToPod(store, 'n', 'up', path, new Request('https://api/'), 200);
  const response = await asked('/slow');
  setTimeout(() => end(), 400);
  expect(await response.text()).toBe('first last');
  expect(await asked('/silent').catch(({ code, message }) => [code, message])).toEqual([
    503,
    expect.stringMatching(/^pod "up" does not answer at http:\/\/127\.0\.0\.1:\d+ \(TimeoutError\)$/),
  ]);
});

test('which port', () => {
  expect(['a', 'a:81', 'http:a:82', 'a:'].map(parseTarget)).toEqual([
    { name: 'a' },
    { name: 'a', port: 81 },
    { name: 'a', port: 82 },
    { name: 'a' },
  ]);
  expect(() => parseTarget('https:a:443')).toThrow('http only');
  expect(() => parseTarget('a:b')).toThrow('is no port');
});
