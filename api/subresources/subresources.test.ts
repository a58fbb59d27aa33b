import { expect, test } from 'vitest';
import { badRequest } from '../errors.ts';
import { podsPath, testApi, testPod } from '../testing.ts';

async function withPod() {
  const api = await testApi();
  const pod = testPod('web');
  pod.spec.initContainers = [{ name: 'init', image: 'busybox:v1' }];
  const { body } = await api.send('POST', podsPath, pod);
  const ref = { namespace: 'default', name: 'web', uid: body.metadata.uid };
  return { ...api, ref, [Symbol.asyncDispose]: () => api.store.close() };
}

test('binding gives a Pod its node, once', async () => {
  await using api = await withPod();
  const bind = (node: string) =>
    api.send('POST', `${podsPath}/web/binding`, { metadata: { name: 'web' }, target: { name: node } });
  expect((await bind('n1')).body).toMatchObject({ status: 'Success', code: 201 });
  expect((await bind('n2')).body).toMatchObject({ code: 409, reason: 'Conflict' });
  const { body } = await api.send('GET', `${podsPath}/web`);
  expect([body.spec.nodeName, body.status.conditions]).toEqual([
    'n1',
    [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }],
  ]);
  expect((await bind('')).status).toBe(422);
});

test.each<[object, object]>([
  [{ propagationPolicy: 'Foreground' }, [201, ['foregroundDeletion']]],
  [{ propagationPolicy: 'Perhaps' }, [422, undefined]],
  [{ propagationPolicy: 'Orphan', orphanDependents: true }, [422, undefined]],
])('eviction says what becomes of dependents as a deletion does: %j', async (deleteOptions, outcome) => {
  await using api = await withPod();
  const { status } = await api.send('POST', `${podsPath}/web/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    deleteOptions,
  });
  expect([status, (await api.send('GET', `${podsPath}/web`)).body.metadata.finalizers]).toEqual(outcome);
});

test('eviction deletes and says why', async () => {
  await using api = await withPod();
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', deleteOptions: { gracePeriodSeconds: 7 } };
  expect((await api.send('POST', `${podsPath}/web/eviction`, eviction)).status).toBe(201);
  const { body } = await api.send('GET', `${podsPath}/web`);
  expect([body.metadata.deletionGracePeriodSeconds, body.status.conditions[0].reason]).toEqual([
    7,
    'EvictionByEvictionAPI',
  ]);
});

test('a file', async () => {
  await using api = await withPod();
  const { status, body } = await api.send(
    'POST',
    `${podsPath}/web/files?container=init&path=/root/myapp&mode=600`,
    'hi',
  );
  const file = { container: 'init', path: '/root/myapp' };
  expect([status, body]).toEqual([201, { pod: 'web', ...file, bytes: 2, mode: '0600' }]);
  expect(api.acted).toEqual([{ pod: api.ref, ...file, content: 'hi', mode: 0o600 }]);
});

test.each([
  ['', 400],
  ['container=init&path=root', 400],
  ['container=init&path=/a/../b', 400],
  ['container=init&path=/a/', 400],
  ['container=nope&path=/a', 400],
  ['path=/a', 400],
  ['container=init&path=/a&mode=9', 400],
])('no file for %s', async (query, code) => {
  await using api = await withPod();
  const { status } = await api.send('POST', `${podsPath}/web/files?${query}`, 'hi');
  expect([status, api.acted]).toEqual([code, []]);
});

test('a file is bounded, and the reason of a failure is passed on', async () => {
  await using api = await withPod();
  const path = `${podsPath}/web/files?container=init&path=/a`;
  expect((await api.send('POST', path, 'x'.repeat(256 * 1024 + 1))).status).toBe(413);
  api.deps.pods.createFile = () => Promise.reject(badRequest('no directory /'));
  expect((await api.send('POST', path, 'x')).body).toMatchObject({ code: 400, message: 'no directory /' });
  expect((await api.send('POST', `${podsPath}/nope/files?path=/a`, 'x')).status).toBe(404);
});

test('restarts', async () => {
  await using api = await withPod();
  const codes = [
    await api.send('POST', `${podsPath}/web/restart`),
    await api.send('POST', `${podsPath}/web/restart?container=main`),
    await api.send('POST', `${podsPath}/web/restart?container=nope`),
  ].map(({ status }) => status);
  expect(codes).toEqual([200, 200, 400]);
  expect(api.acted).toEqual([{ restart: { pod: api.ref } }, { restart: { pod: api.ref, container: 'main' } }]);
});

test('ephemeral containers join a running Pod by every kind of patch, and stay as they are', async () => {
  await using api = await withPod();
  const path = `${podsPath}/web/ephemeralcontainers`;
  const look = { name: 'look', image: 'busybox:v1', targetContainerName: 'main' };
  const patched = await api.send('PATCH', path, JSON.stringify({ spec: { ephemeralContainers: [look] } }), {
    'content-type': 'application/strategic-merge-patch+json',
  });
  expect(patched.body.spec.ephemeralContainers).toEqual([
    {
      ...look,
      imagePullPolicy: 'IfNotPresent',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    },
  ]);
  const again = structuredClone(patched.body);
  again.spec.ephemeralContainers.push({ name: 'again', image: 'busybox:v1' });
  again.spec.containers[0].image = 'ignored:v1';
  const { body } = await api.send('PUT', path, again);
  expect([body.spec.ephemeralContainers.map((c: { name: string }) => c.name), body.spec.containers[0].image]).toEqual([
    ['look', 'again'],
    'busybox:v1',
  ]);
  const removed = await api.send('PUT', path, patched.body);
  expect(removed.body.code).toBe(409);
  again.metadata.resourceVersion = '';
  again.spec.ephemeralContainers = [];
  expect((await api.send('PUT', path, again)).body).toMatchObject({ code: 422, details: { kind: 'Pod' } });
  const other = { name: 'other', image: 'busybox:v1', volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] };
  again.spec.ephemeralContainers = [...body.spec.ephemeralContainers, other];
  expect((await api.send('PUT', path, again)).body.code).toBe(422);
});
