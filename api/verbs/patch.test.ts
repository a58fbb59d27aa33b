import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const type = (kind: string) => ({ 'content-type': `application/${kind}` });

async function patched(kind: string, patch: unknown, path = '') {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('web', { app: 'web', tier: 'front' }));
  return await api.send('PATCH', `${podsPath}/web${path}`, patch, type(kind));
}

test.each([
  ['json-patch+json', [{ op: 'remove', path: '/metadata/labels/tier' }]],
  ['merge-patch+json', { metadata: { labels: { tier: null } } }],
  ['strategic-merge-patch+json', { metadata: { labels: { tier: null } } }],
])('%s', async (kind, patch) => {
  const { status, body } = await patched(kind, patch);
  expect([status, body.metadata.labels]).toEqual([200, { app: 'web' }]);
});

test('merges containers by name', async () => {
  const patch = { spec: { containers: [{ name: 'main', image: 'busybox:v2' }] } };
  const { body } = await patched('strategic-merge-patch+json', patch);
  expect(body.spec.containers).toEqual([
    expect.objectContaining({ name: 'main', image: 'busybox:v2', imagePullPolicy: 'IfNotPresent' }),
  ]);
});

test('changes only the status by /status', async () => {
  const patch = { spec: { nodeName: 'other' }, status: { phase: 'Running' } };
  const { body } = await patched('merge-patch+json', patch, '/status');
  expect([body.spec.nodeName, body.status]).toEqual([undefined, { phase: 'Running', qosClass: 'BestEffort' }]);
});

test.each([
  ['json-patch+json', [{ op: 'test', path: '/metadata/name', value: 'x' }], 422],
  ['json-patch+json', { op: 'remove' }, 400],
  ['json-patch+json', [{ path: '/x' }], 400],
  ['merge-patch+json', [1], 400],
  ['merge-patch+json', { spec: { containers: 3 } }, 400],
  ['merge-patch+json', { spec: { nodeName: 'x' } }, 422],
  ['merge-patch+json', { metadata: { resourceVersion: '1' } }, 409],
  ['strategic-merge-patch+json', { spec: { $patch: 'perhaps' } }, 400],
  ['x', {}, 415],
])('%s %j is answered %i', async (kind, patch, code) => {
  const { status, body } = await patched(kind, patch);
  expect([status, body.kind]).toEqual([code, 'Status']);
});

test('patches that come together are all applied', async () => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('web'));
  const patch = (i: number) => ({ metadata: { annotations: { [`a${i}`]: 'x' } } });
  const all = Array.from({ length: 20 }, (_, i) =>
    api.send('PATCH', `${podsPath}/web`, patch(i), type('merge-patch+json')),
  );
  await Promise.all(all);
  const { body } = await api.send('GET', `${podsPath}/web`);
  expect(Object.keys(body.metadata.annotations)).toHaveLength(20);
});
