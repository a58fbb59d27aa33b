import { expect, test } from 'vitest';
import type { ApiDeps } from '../deps.ts';
import { podsPath, testApi, testPod } from '../testing.ts';

const maps = '/api/v1/namespaces/default/configmaps';

/** Of one container, both with more in them. */
const pod = (spec: object, container: object) => ({
  kind: 'Pod',
  spec: { ...spec, containers: [{ name: 'main', image: 'busybox:v1', ...container }] },
});

async function api(given: Partial<ApiDeps> = {}) {
  const { send, ...rest } = await testApi(given);
  const apply = (manager: string, path: string, config: object, query = '') =>
    send('PATCH', `${path}?fieldManager=${manager}${query}`, JSON.stringify(config), {
      'content-type': 'application/apply-patch+yaml',
    });
  const map = (manager: string, data: object, query = '') =>
    apply(manager, `${maps}/a`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data }, query);
  return { ...rest, send, apply, map, [Symbol.asyncDispose]: () => rest.store.close() };
}

const owners = (body: { metadata: { managedFields?: { manager: string; operation: string; fieldsV1: object }[] } }) =>
  Object.fromEntries((body.metadata.managedFields ?? []).map((m) => [`${m.manager} ${m.operation}`, m.fieldsV1]));

test('what is not there is created, what is there is merged', async () => {
  await using it = await api();
  const first = await it.map('one', { x: '1' });
  expect([first.status, first.body.metadata.managedFields]).toEqual([
    201,
    [
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:x': {} } },
      },
    ],
  ]);
  const second = await it.map('two', { y: '2' });
  expect([second.status, second.body.data, owners(second.body)]).toEqual([
    200,
    { x: '1', y: '2' },
    { 'one Apply': { 'f:data': { 'f:x': {} } }, 'two Apply': { 'f:data': { 'f:y': {} } } },
  ]);
});

test.each([false, true])(
  'a configuration for another namespace is refused, where the object is there: %s',
  async (there) => {
    await using it = await api();
    if (there) await it.map('one', { x: '1' });
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'other' }, data: { x: '2' } };
    const { status, body } = await it.apply('one', `${maps}/a`, config);
    expect([status, body.message]).toEqual([
      400,
      'the namespace of the provided object does not match the namespace sent on the request (other, default)',
    ]);
  },
);

test('the same again changes nothing', async () => {
  await using it = await api();
  await it.map('one', { x: '1' });
  const before = (await it.map('two', { x: '1' })).body;
  expect((await it.map('one', { x: '1' })).body).toEqual(before);
});

test.each([
  ['text that is kept as bytes', 'secrets', { kind: 'Secret', stringData: { b: 'x' } }],
  ['what is left out where it means nothing', 'pods', pod({ hostNetwork: false }, { stdin: false })],
  ['an amount that is written otherwise', 'pods', pod({}, { resources: { limits: { cpu: '1000m' } } })],
  ['an empty value', 'configmaps', { kind: 'ConfigMap', data: {}, immutable: false }],
])('the same again, later, changes nothing: %s', async (_, resource, fields) => {
  let time = Date.parse('2026-01-02T03:04:05Z');
  await using it = await api({ now: () => new Date(time) });
  const path = `/api/v1/namespaces/default/${resource}/a`;
  const config = { apiVersion: 'v1', metadata: { name: 'a' }, ...fields };
  const { body } = await it.apply('one', path, config);
  time += 60_000;
  expect((await it.apply('one', path, config)).body).toEqual(body);
});

test.each([
  ['a field that nobody knows', 'configmaps', { kind: 'ConfigMap', dota: { a: 'b' } }, 'unknown field "dota"'],
  [
    'an item that is there twice',
    'services',
    {
      kind: 'Service',
      spec: {
        ports: [
          { name: 'a', port: 53 },
          { name: 'b', port: 53, protocol: 'TCP' },
        ],
      },
    },
    '.spec.ports[port=53,protocol="TCP"] is there twice',
  ],
])('%s is refused, whatever validation is asked for', async (_, resource, fields, message) => {
  await using it = await api();
  const config = { apiVersion: 'v1', metadata: { name: 'a' }, ...fields };
  const refused = await it.apply('one', `/api/v1/namespaces/default/${resource}/a`, config, '&fieldValidation=Ignore');
  expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining(message)]);
});

test("another's field is a conflict, unless forced", async () => {
  await using it = await api();
  await it.map('one', { x: '1' });
  const refused = await it.map('two', { x: '2' });
  expect(refused.body).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' }] },
  });
  const forced = await it.map('two', { x: '2' }, '&force=true');
  expect([forced.body.data, owners(forced.body)]).toEqual([{ x: '2' }, { 'two Apply': { 'f:data': { 'f:x': {} } } }]);
});

test('a field that is no longer applied goes when nobody else has it', async () => {
  await using it = await api();
  await it.map('one', { x: '1', y: '1', z: '1' });
  await it.map('two', { y: '1' });
  const { body } = await it.map('one', { z: '1' });
  expect([body.data, owners(body)]).toEqual([
    { y: '1', z: '1' },
    { 'one Apply': { 'f:data': { 'f:z': {} } }, 'two Apply': { 'f:data': { 'f:y': {} } } },
  ]);
  await it.map('two', {});
  expect((await it.send('GET', `${maps}/a`)).body.data).toEqual({ z: '1' });
});

test('other writes take fields over, and managers are kept through them', async () => {
  await using it = await api();
  const made = (await it.map('one', { x: '1', y: '1' })).body;
  const patch = (body: unknown, type = 'merge-patch+json', query = '') =>
    it.send('PATCH', `${maps}/a${query}`, JSON.stringify(body), {
      'content-type': `application/${type}`,
      'user-agent': 'tool/v1',
    });
  const { body } = await patch({ data: { x: '2', y: null }, metadata: { labels: { a: 'b' } } });
  expect(owners(body)).toEqual({
    'tool Update': { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
  });
  expect((await it.map('one', { x: '1' })).body.message).toBe(
    'Apply failed with 1 conflict: conflict with "tool" using v1 at 2026-01-02T03:04:05Z: .data.x',
  );
  const { managedFields: _, ...metadata } = made.metadata;
  delete metadata.resourceVersion;
  const put = await it.send('PUT', `${maps}/a?fieldManager=put`, { ...made, metadata });
  expect(Object.keys(owners(put.body)).sort()).toEqual(['put Update']);
  const reset = await patch([{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], 'json-patch+json');
  expect(reset.body.metadata.managedFields).toBe(undefined);
});

test('what was there before the first apply is held against it', async () => {
  await using it = await api();
  await it.send('POST', maps, { metadata: { name: 'a' }, data: { x: '1' } });
  expect((await it.map('one', { x: '2' })).body.message).toMatch(
    /^Apply failed with 1 conflict: conflict with "before-first-apply" using v1 at .*: \.data\.x$/,
  );
  const { body } = await it.map('one', { x: '1' });
  expect(Object.keys(owners(body))).toEqual(['before-first-apply Update', 'one Apply']);
});

test('kubectl may change what its annotation says it applied before', async () => {
  await using it = await api();
  const last = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { x: '1' } }) };
  await it.send('POST', maps, { metadata: { name: 'a', annotations: last }, data: { x: '1', y: '1' } });
  expect((await it.map('kubectl', { y: '2' })).status).toBe(409);
  expect((await it.map('kubectl', { x: '2' })).body.data).toEqual({ x: '2', y: '1' });
});

test("what kubectl's own apply set is kubectl's, so that it can go on with the server's", async () => {
  await using it = await api();
  const config = testPod('web');
  config.metadata.labels = { a: 'b' };
  const last = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) };
  const created = { ...config, metadata: { ...config.metadata, annotations: last } };
  expect((await it.send('POST', podsPath, created)).status).toBe(201);
  const { body } = await it.apply('kubectl', `${podsPath}/web`, config);
  expect(owners(body)['kubectl-client-side-apply Update']).toEqual({
    'f:metadata': {
      'f:annotations': { 'f:kubectl.kubernetes.io/last-applied-configuration': {} },
      'f:labels': { 'f:a': {} },
    },
    'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
  });
  // kubectl makes that manager's fields its own and applies again.
  const managedFields = body.metadata.managedFields.map((entry: { manager: string }) =>
    entry.manager === 'kubectl-client-side-apply' ? { ...entry, manager: 'kubectl', operation: 'Apply' } : entry,
  );
  const taken = await it.send(
    'PATCH',
    `${podsPath}/web`,
    [{ op: 'replace', path: '/metadata/managedFields', value: managedFields.slice(1) }],
    { 'content-type': 'application/json-patch+json' },
  );
  expect(taken.status).toBe(200);
  const again = await it.apply('kubectl', `${podsPath}/web`, config);
  expect([again.status, again.body.spec, again.body.metadata.annotations]).toEqual([200, body.spec, undefined]);
});

test('items of lists are told apart by their keys', async () => {
  await using it = await api();
  const pod = testPod('web');
  pod.spec.containers[0].env = [{ name: 'A', value: '1' }];
  pod.spec.containers[0].ports = [{ containerPort: 80 }];
  pod.metadata.labels = { a: 'b' };
  const { body } = await it.apply('one', `${podsPath}/web`, pod);
  expect(owners(body)).toEqual({
    'one Apply': {
      'f:metadata': { 'f:labels': { 'f:a': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
      },
    },
  });
  const image = (name: string) => ({ spec: { containers: [{ name: 'main', image: name }] } });
  const refused = await it.apply('two', `${podsPath}/web`, image('busybox:v2'));
  expect(refused.body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
    '.spec.containers[name="main"].image',
  ]);
  const forced = await it.apply('two', `${podsPath}/web`, image('busybox:v2'), '&force=1');
  expect(forced.body.spec.containers.map((c: { image: string; env: object }) => [c.image, c.env])).toEqual([
    ['busybox:v2', [{ name: 'A', value: '1' }]],
  ]);
});

test('status is a side of its own', async () => {
  await using it = await api();
  await it.apply('one', `${podsPath}/web`, testPod('web'));
  const condition = { type: 'example.com/ready', status: 'True' };
  const { body } = await it.apply('gate', `${podsPath}/web/status`, { status: { conditions: [condition] } });
  expect(body.metadata.managedFields[1]).toMatchObject({
    manager: 'gate',
    subresource: 'status',
    fieldsV1: {
      'f:status': { 'f:conditions': { 'k:{"type":"example.com/ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
    },
  });
});

test.each([
  ['no manager', '', {}, 422],
  ['another name', '?fieldManager=one', { metadata: { name: 'b' } }, 400],
  ['managed fields', '?fieldManager=one', { metadata: { managedFields: [{ manager: 'x' }] } }, 400],
  ['an unknown field', '?fieldManager=one&fieldValidation=Strict', { dat: {} }, 400],
  ['a uid of what is not there', '?fieldManager=one', { metadata: { uid: 'u' } }, 409],
  ['a control character', '?fieldManager=a%0Ab', {}, 422],
])('%s is refused', async (_, query, config, code) => {
  await using it = await api();
  const { body } = await it.send('PATCH', `${maps}/a${query}`, JSON.stringify(config), {
    'content-type': 'application/apply-patch+yaml',
  });
  expect(body.code).toBe(code);
});

test('a dry run shows and keeps nothing', async () => {
  await using it = await api();
  expect((await it.map('one', { x: '1' }, '&dryRun=All')).body.data).toEqual({ x: '1' });
  expect((await it.send('GET', `${maps}/a`)).status).toBe(404);
});
