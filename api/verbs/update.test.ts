import { expect, test } from 'vitest';
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

test('an object that is not there', async () => {
  await using api = await withPod();
  const { body } = await api.send('PUT', `${podsPath}/nope`, testPod('nope'));
  expect(body).toMatchObject({ code: 404, message: 'pods "nope" not found' });
});
