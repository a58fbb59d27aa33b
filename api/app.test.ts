import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from './testing.ts';

test('only health is anonymous', async () => {
  await using api = await testApi();
  const paths = [
    '/livez',
    '/readyz',
    '/healthz',
    '/',
    '/api',
    '/version',
    '/metrics',
    '/openapi/v3',
    podsPath,
    '/nope',
  ];
  const codes = await Promise.all(paths.map(async (path) => [path, (await api.app.request(path)).status]));
  expect(Object.fromEntries(codes)).toEqual({
    '/livez': 200,
    '/readyz': 200,
    '/healthz': 200,
    '/': 401,
    '/api': 401,
    '/version': 401,
    '/metrics': 401,
    '/openapi/v3': 401,
    [podsPath]: 401,
    '/nope': 401,
  });
});

test('what fails unforeseen is logged and tells nothing', async () => {
  await using api = await testApi();
  api.store.list = () => Promise.reject(new Error('the disk is on fire'));
  const { status, body } = await api.send('GET', podsPath);
  expect([status, body.reason, body.message]).toEqual([
    500,
    'InternalError',
    'Internal error occurred: see the log of the durapod API for the reason',
  ]);
  expect(api.logged).toEqual([{ err: expect.any(Error), method: 'GET', path: podsPath }]);
});

test.each([
  ['GET', '/nope', 404],
  ['GET', '/api/v1/nope', 404],
  ['GET', `${podsPath}/web/nope`, 404],
  ['POST', `${podsPath}/web`, 405],
  ['PUT', podsPath, 405],
  ['DELETE', '/api/v1/namespaces', 405],
  ['POST', `${podsPath}/web/resize`, 405],
  ['GET', '/openapi/v2', 406],
])('%s %s is answered %i by a Status', async (method, path, code) => {
  await using api = await testApi();
  const { status, body } = await api.send(method, path);
  expect([status, body.kind, body.code]).toEqual([code, 'Status', code]);
});

test('formats', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('web'));
  const get = (accept: string) => api.send('GET', `${podsPath}/web`, undefined, { accept });
  expect((await get('application/yaml')).body).toMatch(/^kind: Pod\napiVersion: v1\n/);
  expect((await get('application/vnd.kubernetes.protobuf, application/json')).body.kind).toBe('Pod');
  expect((await get('application/vnd.kubernetes.protobuf')).status).toBe(406);
});

test('counts requests with few labels', async () => {
  await using api = await testApi();
  for (const path of ['/api/v1/nope', '/api/v1/other', podsPath, `${podsPath}/a`, `${podsPath}/b`])
    await api.send('GET', path);
  const { body } = await api.send('GET', '/metrics');
  expect(body.match(/^durapod_api_requests_total.*$/gm)).toEqual([
    'durapod_api_requests_total{verb="get",resource="other",code="404"} 2',
    'durapod_api_requests_total{verb="list",resource="pods",code="200"} 1',
    'durapod_api_requests_total{verb="get",resource="pods",code="404"} 2',
  ]);
});
