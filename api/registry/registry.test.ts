import { expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { testApi, watchLines } from '../testing.ts';
import { resources } from './index.ts';

const inDefault = (resource: string) => `/api/v1/namespaces/default/${resource}`;

test('names and short names are taken once', () => {
  const names = resources
    .filter(({ group }) => group !== 'events.k8s.io')
    .flatMap((r) => [r.plural, r.singular, ...r.shortNames]);
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
});

test('every kind is in the schema', async () => {
  await using api = await testApi();
  expect(resources.map((resource) => api.deps.schema.typeOf(resource).kind)).toEqual(resources.map(() => 'object'));
});

test('an event is seen under both of its groups', async () => {
  await using api = await testApi();
  const event = {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    message: 'Pulled',
    reason: 'Pulled',
    type: 'Normal',
    source: { component: 'durapod' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  };
  await api.send('POST', inDefault('events'), event);
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  const { body } = await api.send('GET', `${path}/e`);
  expect(body).toEqual({
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: expect.objectContaining({ name: 'e' }),
    regarding: event.involvedObject,
    note: 'Pulled',
    reason: 'Pulled',
    type: 'Normal',
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    deprecatedCount: 1,
  });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };
  await api.send('PATCH', `${path}/e`, { series }, headers);
  const found = await api.send('GET', `${inDefault('events')}?fieldSelector=involvedObject.name=web,reason=Pulled`);
  expect(found.body.items.map((e: KubeObject) => [e.message, e.series])).toEqual([['Pulled', series]]);
});

test('an event about nothing is listed, selected and watched as any other', async () => {
  await using api = await testApi();
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  const event = {
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Normal',
    action: 'Pull',
    reason: 'Pulled',
    reportingController: 'x/z',
    reportingInstance: 'box',
  };
  await api.send('POST', path, { ...event, metadata: { name: 'a' }, note: 'n', reportingController: 'x/y' });
  const regarding = { kind: 'Pod', name: 'web', namespace: 'default' };
  await api.send('POST', path, { ...event, metadata: { name: 'b' }, regarding });
  expect((await api.send('GET', `${inDefault('events')}/a`)).body.involvedObject).toEqual({});

  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const cells = ({ rows }: KubeObject) => rows.map((row: { cells: unknown[] }) => [row.cells[3], row.cells[6]]);
  const table = await api.send('GET', inDefault('events'), undefined, { accept });
  expect(cells(table.body)).toEqual([
    ['', 'n'],
    ['pod/web', ''],
  ]);
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = await api.app.request(`${path}?${query}`, { headers: { authorization: 'Bearer token', accept } });
  const lines = await watchLines(watch, 3);
  expect(lines.map(({ type, object }) => [type, cells(object)])).toEqual([
    ['ADDED', [['', 'n']]],
    ['ADDED', [['pod/web', '']]],
    ['BOOKMARK', [['', '']]],
  ]);

  const selected = async (at: string, selector: string) => {
    const { body } = await api.send('GET', `${at}?fieldSelector=${encodeURIComponent(selector)}`);
    return body.items?.map((e: KubeObject) => e.metadata.name) ?? body.message;
  };
  expect([
    await selected(path, 'regarding.name=web,regarding.kind=Pod'),
    await selected(path, 'reportingController=x/y'),
    await selected(path, 'involvedObject.name=web'),
    await selected(inDefault('events'), 'regarding.name=web'),
  ]).toEqual([
    ['b'],
    ['a'],
    expect.stringMatching(/^field label not supported: "involvedObject.name"; .*regarding.name/),
    expect.stringMatching(/^field label not supported: "regarding.name"; .*involvedObject.name/),
  ]);
});

test('a Secret takes text and keeps bytes', async () => {
  await using api = await testApi();
  const sent = { metadata: { name: 's' }, data: { a: 'YQ==' }, stringData: { b: 'ü' } };
  const { body } = await api.send('POST', inDefault('secrets'), sent);
  expect([body.data, body.type, body.stringData]).toEqual([{ a: 'YQ==', b: 'w7w=' }, 'Opaque', undefined]);
});

test.each([
  ['configmaps', { data: { 'a b': 'x' } }, 'data[a b]'],
  ['configmaps', { data: { a: 'x' }, binaryData: { a: 'eA==' } }, 'data[a]'],
  ['configmaps', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, 'data'],
  ['services', { spec: {} }, 'spec.ports'],
  ['services', { spec: { ports: [{ port: 80 }, { port: 81 }] } }, 'spec.ports[0].name'],
  ['services', { spec: { ports: [{ port: 99999 }] } }, 'spec.ports[0].port'],
  ['services', { spec: { type: 'Magic', ports: [{ port: 80 }] } }, 'spec.type'],
  ['events', { involvedObject: { namespace: 'other' } }, 'involvedObject.namespace'],
])('%s: %# is invalid', async (resource, fields, field) => {
  await using api = await testApi();
  const { status, body } = await api.send('POST', inDefault(resource), { metadata: { name: 'a' }, ...fields });
  expect([status, body.details.causes[0].field]).toEqual([422, field]);
});

test('what is immutable stays', async () => {
  await using api = await testApi();
  const headers = { 'content-type': 'application/merge-patch+json' };
  await api.send('POST', inDefault('configmaps'), { metadata: { name: 'a' }, data: { k: '1' }, immutable: true });
  await api.send('POST', inDefault('secrets'), { metadata: { name: 'a' }, type: 'x' });
  const answers = [
    await api.send('PATCH', `${inDefault('configmaps')}/a`, { data: { k: '2' } }, headers),
    await api.send('PATCH', `${inDefault('configmaps')}/a`, { immutable: null }, headers),
    await api.send('PATCH', `${inDefault('configmaps')}/a`, { metadata: { labels: { a: 'b' } } }, headers),
    await api.send('PATCH', `${inDefault('secrets')}/a`, { type: 'y' }, headers),
  ];
  const told = answers.map(({ status, body }) => [
    status,
    body.details?.causes[0].field,
    body.details?.causes[0].reason,
  ]);
  expect(told).toEqual([
    [422, 'data', 'FieldValueForbidden'],
    [422, 'immutable', 'FieldValueForbidden'],
    [200, undefined, undefined],
    [422, 'type', 'FieldValueInvalid'],
  ]);
});

test('a Service gets an address and keeps it', async () => {
  await using api = await testApi();
  const sent = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
  const { body } = await api.send('POST', inDefault('services'), sent);
  expect(body.spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
  expect(body.spec).toMatchObject({
    clusterIPs: [body.spec.clusterIP],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
  });
  const replaced = await api.send('PUT', `${inDefault('services')}/web`, sent);
  expect(replaced.body.spec).toEqual(body.spec);
  const headless = { metadata: { name: 'headless' }, spec: { clusterIP: 'None' } };
  expect((await api.send('POST', inDefault('services'), headless)).body.spec.clusterIPs).toEqual(['None']);
});

test('what holds an object has a name that says whose it is, later too', async () => {
  await using api = await testApi();
  const headers = { 'content-type': 'application/merge-patch+json' };
  await api.send('POST', inDefault('configmaps'), { metadata: { name: 'a' } });
  const answers = [];
  for (const finalizers of [['mine'], ['a b/c'], ['orphan', 'foregroundDeletion'], ['example.com/mine']]) {
    const answer = await api.send('PATCH', `${inDefault('configmaps')}/a`, { metadata: { finalizers } }, headers);
    answers.push([answer.status, answer.body.details?.causes.map(({ field }: KubeObject) => field)]);
  }
  const refused = [422, ['metadata.finalizers']];
  expect(answers).toEqual([refused, refused, refused, [200, undefined]]);
});
