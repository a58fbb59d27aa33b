import { afterEach, expect, test, vi } from 'vitest';
import { podsPath, testApi, testPod, watchLines } from '../testing.ts';

type Api = Awaited<ReturnType<typeof testApi>>;
const watch = (api: Api, query: string, headers: Record<string, string> = {}) =>
  api.app.request(`${podsPath}?watch=1&${query}`, { headers: { authorization: 'Bearer token', ...headers } });
const told = (lines: Awaited<ReturnType<typeof watchLines>>) =>
  lines.map(({ type, object }) => [type, object.metadata.name]);
const label = (api: Api, name: string, app: string | null) =>
  api.send(
    'PATCH',
    `${podsPath}/${name}`,
    { metadata: { labels: { app } } },
    { 'content-type': 'application/merge-patch+json' },
  );

afterEach(() => void vi.useRealTimers());

test('tells what is there, then what changes', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('a'));
  const response = await watch(api, '');
  const lines = watchLines(response, 4);
  await api.send('POST', podsPath, testPod('b'));
  await label(api, 'a', 'x');
  await api.send('DELETE', `${podsPath}/b?gracePeriodSeconds=0`);
  expect(told(await lines)).toEqual([
    ['ADDED', 'a'],
    ['ADDED', 'b'],
    ['MODIFIED', 'a'],
    ['DELETED', 'b'],
  ]);
});

test('goes on after a revision, however old', async () => {
  await using api = await testApi();
  const first = await api.send('POST', podsPath, testPod('a'));
  await api.send('POST', podsPath, testPod('b'));
  await label(api, 'a', 'x');
  const { resourceVersion } = first.body.metadata;
  expect(told(await watchLines(await watch(api, `resourceVersion=${resourceVersion}`), 2))).toEqual([
    ['ADDED', 'b'],
    ['MODIFIED', 'a'],
  ]);
});

test('objects come into a selection and leave it', async () => {
  await using api = await testApi();
  const { body } = await api.send('POST', podsPath, testPod('a'));
  const response = await watch(api, `labelSelector=app%3Dx&resourceVersion=${body.metadata.resourceVersion}`);
  await label(api, 'a', 'x');
  await api.send('POST', podsPath, testPod('b', { app: 'y' }));
  const left = (await label(api, 'a', 'y')).body.metadata.resourceVersion;
  const lines = await watchLines(response, 2);
  expect(told(lines)).toEqual([
    ['ADDED', 'a'],
    ['DELETED', 'a'],
  ]);
  expect(lines[1]!.object.metadata).toMatchObject({ labels: { app: 'x' }, resourceVersion: left });
});

test('announces the end of what was there', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('a'));
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=';
  const lines = await watchLines(await watch(api, query), 2);
  expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
  expect(lines[1]!.object).toEqual({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      resourceVersion: String(await api.store.revision()),
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
    spec: { containers: [] },
  });
});

test('ends after its time with a bookmark of all it has seen', async () => {
  await using api = await testApi();
  const since = await api.store.revision();
  const response = await watch(api, `timeoutSeconds=1&allowWatchBookmarks=1&resourceVersion=${since}`);
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
  const lines = await watchLines(response, 9);
  expect(lines.map(({ type, object }) => [type, object.metadata.resourceVersion])).toEqual([
    ['BOOKMARK', String(await api.store.revision())],
  ]);
});

test('says each minute how far it is, however much happens elsewhere', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await using api = await testApi();
  const response = await watch(api, `allowWatchBookmarks=1&resourceVersion=${await api.store.revision()}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => {
    const { type, object } = JSON.parse((await reader.read()).value!);
    return [type, object.metadata.resourceVersion];
  };
  const elsewhere = async (name: string) => {
    await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    // The watch has seen it before time goes on.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return ['BOOKMARK', String(await api.store.revision())];
  };
  await elsewhere('a');
  vi.advanceTimersByTime(61_000);
  expect(await elsewhere('b')).toEqual(await next());
  await elsewhere('c');
  vi.advanceTimersByTime(59_000);
  await elsewhere('d');
  vi.advanceTimersByTime(2_000);
  expect(await elsewhere('e')).toEqual(await next());
  await reader.cancel();
});

test('history that is gone is an error event', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('a'));
  await api.store.compact(await api.store.revision());
  const [line, ...others] = await watchLines(await watch(api, 'resourceVersion=1'), 9);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
});

test('a table names its columns once', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('a'));
  await api.send('POST', podsPath, testPod('b'));
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const lines = await watchLines(await watch(api, '', { accept }), 2);
  expect(lines.map(({ object }) => [object.kind, object.rows[0].cells[0], object.columnDefinitions?.length])).toEqual([
    ['Table', 'a', 9],
    ['Table', 'b', undefined],
  ]);
});

test('ages are those of the moment a line is told', async () => {
  let now = new Date('2026-10-25T00:00:00Z');
  await using api = await testApi({ now: () => now });
  const { resourceVersion } = (await api.send('POST', podsPath, testPod('a'))).body.metadata;
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const lines = watchLines(await watch(api, `resourceVersion=${resourceVersion}`, { accept }), 1);
  now = new Date('2026-10-25T00:00:07Z');
  await label(api, 'a', 'x');
  expect((await lines).map(({ object }) => object.rows[0].cells[4])).toEqual(['7s']);
});

test('ends when the process is about to', async () => {
  const stop = new AbortController();
  await using api = await testApi({ stopping: stop.signal });
  const lines = watchLines(await watch(api, ''), 9);
  stop.abort();
  expect(await lines).toEqual([]);
});

test.each([
  ['resourceVersion=999999', 504],
  ['resourceVersionMatch=NotOlderThan', 400],
  ['sendInitialEvents=true', 400],
])('%s is answered %i', async (query, code) => {
  await using api = await testApi();
  expect((await watch(api, query)).status).toBe(code);
});
