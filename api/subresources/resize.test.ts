import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const PATH = `${podsPath}/web`;
const cpu = (amount: string) => ({ requests: { cpu: amount } });

async function withPod(resources: object) {
  const api = await testApi();
  const pod = testPod('web');
  Object.assign(pod.spec.containers[0], { resources });
  const { body } = await api.send('POST', podsPath, pod);
  const patch = (kind: string, patch: object, path = `${PATH}/resize`) =>
    api.send('PATCH', path, patch, { 'content-type': `application/${kind}-patch+json` });
  return { ...api, pod: body, patch, [Symbol.asyncDispose]: () => api.store.close() };
}

test('takes cpu and memory of containers, and nothing else', async () => {
  await using api = await withPod(cpu('100m'));
  const [container] = api.pod.spec.containers;
  const { name } = container;
  const { body } = await api.patch('strategic-merge', {
    metadata: { labels: { a: 'b' } },
    spec: { restartPolicy: 'Never', containers: [{ name, image: 'other', resources: cpu('200m') }] },
  });
  expect(body).toEqual({
    ...api.pod,
    metadata: { ...api.pod.metadata, generation: 2, resourceVersion: body.metadata.resourceVersion },
    spec: { ...api.pod.spec, containers: [{ ...container, resources: cpu('200m') }] },
  });
  expect((await api.send('GET', `${PATH}/resize`)).body).toEqual(body);
});

test('takes every kind of patch, and PUT', async () => {
  await using api = await withPod(cpu('100m'));
  const [container] = api.pod.spec.containers;
  const op = (value: string) => [{ op: 'replace', path: '/spec/containers/0/resources/requests/cpu', value }];
  const shown = ({ body }: { body: typeof api.pod }) => body.spec?.containers[0].resources ?? body;
  expect(shown(await api.patch('json', op('300m')))).toEqual(cpu('300m'));
  const containers = [{ ...container, resources: cpu('400m') }];
  expect(shown(await api.patch('merge', { spec: { containers } }))).toEqual(cpu('400m'));
  const { resourceVersion: _, ...metadata } = api.pod.metadata;
  const put = {
    ...api.pod,
    metadata,
    spec: { ...api.pod.spec, containers: [{ ...container, resources: cpu('500m') }] },
  };
  expect(shown(await api.send('PUT', `${PATH}/resize`, put))).toEqual(cpu('500m'));
  const config = {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { containers: [{ name: container.name, resources: cpu('600m') }] },
  };
  const applied = await api.send('PATCH', `${PATH}/resize?fieldManager=me&force=true`, config, {
    'content-type': 'application/apply-patch+yaml',
  });
  expect(shown(applied)).toEqual(cpu('600m'));
  // The Pod itself does not take them.
  expect((await api.patch('json', op('700m'), PATH)).body).toMatchObject({ code: 422, reason: 'Invalid' });
});

test.each<[string, object, object, string]>([
  [
    'another class of service',
    {},
    cpu('1'),
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
  ],
  [
    'nothing any more',
    { limits: { cpu: '1' } },
    cpu('1'),
    'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
  ],
  [
    'another resource',
    cpu('1'),
    { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } },
    'spec: Forbidden: only cpu and memory resources are mutable',
  ],
])('refuses %s', async (_, resources, wanted, message) => {
  await using api = await withPod(resources);
  const patch = [{ op: 'add', path: '/spec/containers/0/resources', value: wanted }];
  const { body } = await api.patch('json', patch);
  expect([body.code, body.message]).toEqual([422, `Pod "web" is invalid: ${message}`]);
});

test('refuses more than the node of the Pod has', async () => {
  await using api = await withPod(cpu('100m'));
  await api.send('POST', `${PATH}/binding`, { metadata: { name: 'web' }, target: { name: 'box' } });
  const resize = (amount: string) =>
    api.patch('json', [{ op: 'replace', path: '/spec/containers/0/resources/requests/cpu', value: amount }]);
  expect((await resize('1')).body).toMatchObject({
    code: 403,
    message: 'pods "web" is forbidden: node "box" not found',
  });
  const node = { metadata: { name: 'box' }, status: { allocatable: { cpu: '2', memory: '1Gi' } } };
  await api.store.create({ resource: 'nodes', namespace: '', name: 'box' }, node, 'client');
  expect((await resize('2')).body.spec.containers[0].resources).toEqual(cpu('2'));
  const why = "node didn't have enough allocatable resources: cpu, requested: 2001, allocatable: 2000";
  expect((await resize('2001m')).body).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `pods "web" is forbidden: ${why}`,
    details: { causes: [{ reason: 'NodeCapacity', message: why }] },
  });
});
