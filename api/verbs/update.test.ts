import { expect, test } from 'vitest';
import { resources, rootOf } from '../registry/index.ts';
import type { Resource } from '../registry/resource.ts';
import { podsPath, testApi, testPod } from '../testing.ts';

async function withPod() {
  const api = await testApi();
  const { body } = await api.send('POST', podsPath, testPod('web'));
  return { ...api, pod: body, [Symbol.asyncDispose]: () => api.store.close() };
}

test('replaces what may change, counts generations of the spec', async () => {
  await using api = await withPod();
  const changed = structuredClone(api.pod);
  changed.spec.containers[0].image = 'busybox:v2';
  changed.status = { phase: 'Running' };
  const { status, body } = await api.send('PUT', `${podsPath}/web`, changed);
  expect(status).toBe(200);
  expect(body).toEqual({
    ...changed,
    metadata: { ...api.pod.metadata, generation: 2, resourceVersion: body.metadata.resourceVersion },
    status: api.pod.status,
  });
});

test('the same again writes nothing', async () => {
  await using api = await withPod();
  const { body } = await api.send('PUT', `${podsPath}/web`, api.pod);
  expect(body).toEqual(api.pod);
});

test('status has its own path, and changes nothing else', async () => {
  await using api = await withPod();
  const sent = {
    ...api.pod,
    spec: { containers: [] },
    status: { phase: 'Running', podIP: '10.0.0.1' },
  };
  const { body } = await api.send('PUT', `${podsPath}/web/status`, sent);
  expect(body).toEqual({
    ...api.pod,
    metadata: { ...api.pod.metadata, resourceVersion: body.metadata.resourceVersion },
    status: { ...sent.status, qosClass: 'BestEffort' },
  });
});

test.each([
  ['an older state', { metadata: { name: 'web', resourceVersion: '1' } }, 409, 'Conflict'],
  ['another object of the name', { metadata: { name: 'web', uid: 'other' } }, 409, 'Conflict'],
  ['another name', { metadata: { name: 'other' } }, 400, 'BadRequest'],
  [
    'what may not change',
    { metadata: { name: 'web' }, spec: { restartPolicy: 'Never', containers: [] } },
    422,
    'Invalid',
  ],
])('refuses %s', async (_, change, code, reason) => {
  await using api = await withPod();
  const { status, body } = await api.send('PUT', `${podsPath}/web`, { ...api.pod, ...change });
  expect([status, body.reason]).toEqual([code, reason]);
});

test('an object that is not there is created where its kind lets it be', async () => {
  await using api = await testApi();
  const put = async ({ group, version, plural, kind, namespaced }: Resource) => {
    const apiVersion = group ? `${group}/${version}` : version;
    const root = `${rootOf({ group, version })}${namespaced ? '/namespaces/default' : ''}`;
    // The least that one of them needs; the others ignore it.
    const fields = { handler: 'runc', spec: { ports: [{ port: 80 }], containers: [{ name: 'a', image: 'a' }] } };
    const event = { eventTime: '2026-01-01T00:00:00Z', type: 'Normal', action: 'Pull', reason: 'Pulled' };
    const reporter = { reportingController: 'x', reportingComponent: 'x', reportingInstance: 'box' };
    const sent = { apiVersion, kind, metadata: { resourceVersion: '7' }, ...fields, ...event, ...reporter };
    const name = `new-${group || 'core'}`;
    const { status, body } = await api.send('PUT', `${root}/${plural}/${name}`, sent);
    return [plural, status, body.metadata.name];
  };
  const answers = [];
  for (const resource of resources) answers.push(await put(resource));
  expect(answers).toEqual([
    ['pods', 404, undefined],
    ['namespaces', 404, undefined],
    ['nodes', 404, undefined],
    ['events', 201, 'new-core'],
    ['configmaps', 404, undefined],
    ['secrets', 404, undefined],
    ['serviceaccounts', 404, undefined],
    ['services', 201, 'new-core'],
    ['podtemplates', 404, undefined],
    ['leases', 201, 'new-coordination.k8s.io'],
    ['endpointslices', 404, undefined],
    ['events', 201, 'new-events.k8s.io'],
    ['runtimeclasses', 201, 'new-node.k8s.io'],
  ]);
});

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

test.each<[string, string, object, number, string]>([
  ['of a Pod', `${podsPath}/nope`, testPod('nope'), 404, 'pods "nope" not found'],
  [
    'of another name',
    `${leases}/nope`,
    { metadata: { name: 'other' } },
    400,
    'the name of the object (other) does not match the name on the URL (nope)',
  ],
  [
    'of one that was',
    `${leases}/nope`,
    { metadata: { uid: 'u' } },
    409,
    'Operation cannot be fulfilled on leases.coordination.k8s.io "nope": Precondition failed: UID in precondition: u, UID in object meta: ',
  ],
  [
    'in no namespace',
    '/apis/coordination.k8s.io/v1/namespaces/nowhere/leases/nope',
    {},
    404,
    'namespaces "nowhere" not found',
  ],
  ['of a status', '/api/v1/namespaces/default/services/nope/status', {}, 404, 'services "nope" not found'],
])('a PUT %s creates nothing', async (_, path, sent, code, message) => {
  await using api = await testApi();
  const { body } = await api.send('PUT', path, sent);
  expect([body.code, body.message]).toEqual([code, message]);
});

test.each(['/apis/node.k8s.io/v1/runtimeclasses', leases])(
  'who replaces one of %s says which state they have seen',
  async (path) => {
    await using api = await testApi();
    const sent = { metadata: { name: 'a' }, ...(path === leases ? {} : { handler: 'runc' }) };
    const send = (method: string, body: object, type = 'json', query = '') =>
      api.send(method, `${path}/a${query}`, JSON.stringify(body), { 'content-type': `application/${type}` });
    const { resourceVersion } = (await send('PUT', sent)).body.metadata;
    const [, group, , resource] = /apis\/([^/]+)(.*)\/([^/]+)$/.exec(path)!;
    const blind = [
      422,
      `${resource}.${group} "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    ];
    const answers = [
      await send('PUT', sent),
      await send('PATCH', { metadata: { resourceVersion: null } }, 'merge-patch+json'),
      await send('PATCH', { metadata: { labels: { a: 'b' } } }, 'merge-patch+json'),
      await send('PUT', { ...sent, metadata: { name: 'a', resourceVersion } }),
    ];
    const applied = { ...sent, apiVersion: path.slice('/apis/'.length).split('/').slice(0, 2).join('/') };
    const kind = path === leases ? 'Lease' : 'RuntimeClass';
    answers.push(await send('PATCH', { ...applied, kind }, 'apply-patch+yaml', '?fieldManager=m'));
    expect(answers.map(({ status, body }) => [status, body.message])).toEqual([
      blind,
      blind,
      [200, undefined],
      [409, expect.any(String)],
      [200, undefined],
    ]);
  },
);
