import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

async function withPod(metadata: object = {}) {
  const api = await testApi();
  const pod = testPod('web');
  const { body } = await api.send('POST', podsPath, { ...pod, metadata: { ...pod.metadata, ...metadata } });
  const remains = async () => (await api.send('GET', `${podsPath}/web`)).body.metadata;
  return { ...api, pod: body, remains, [Symbol.asyncDispose]: () => api.store.close() };
}

test('a Pod gets its grace period', async () => {
  await using api = await withPod();
  const { status, body } = await api.send('DELETE', `${podsPath}/web`);
  expect([status, body.kind]).toEqual([200, 'Pod']);
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = await api.remains();
  expect([deletionTimestamp, deletionGracePeriodSeconds, generation]).toEqual(['2026-01-02T03:04:35Z', 30, 2]);
});

test('a later request shortens it, never lengthens it', async () => {
  await using api = await withPod();
  const grace = [];
  for (const gracePeriodSeconds of [10, 60, undefined, 5]) {
    await api.send('DELETE', `${podsPath}/web`, { kind: 'DeleteOptions', gracePeriodSeconds });
    const { deletionTimestamp, deletionGracePeriodSeconds } = await api.remains();
    grace.push([deletionTimestamp, deletionGracePeriodSeconds]);
  }
  expect(grace).toEqual([
    ['2026-01-02T03:04:15Z', 10],
    ['2026-01-02T03:04:15Z', 10],
    ['2026-01-02T03:04:15Z', 10],
    ['2026-01-02T03:04:10Z', 5],
  ]);
  await api.send('DELETE', `${podsPath}/web?gracePeriodSeconds=0`);
  expect(await api.remains()).toEqual({});
});

test.each([
  ['more than a year can be', '400000000000'],
  ['the most there is', '9223372036854775807'],
])('a grace period of %s ends at a time that can be read, and is shortened from there', async (_, seconds) => {
  await using api = await testApi();
  const pod = JSON.stringify(testPod('web')).replace('"spec":{', `"spec":{"terminationGracePeriodSeconds":${seconds},`);
  const created = await api.send('POST', podsPath, pod, { 'content-type': 'application/json' });
  expect(created.status).toBe(201);
  const marks = [];
  for (const gracePeriodSeconds of [undefined, 20]) {
    const { status, body } = await api.send('DELETE', `${podsPath}/web`, { kind: 'DeleteOptions', gracePeriodSeconds });
    marks.push([status, body.metadata.deletionTimestamp, body.metadata.deletionGracePeriodSeconds]);
  }
  expect(marks).toEqual([
    [200, '2125-12-09T03:04:05Z', 3_153_600_000],
    [200, '2026-01-02T03:04:25Z', 20],
  ]);
});

test('a Pod that has ended goes at once', async () => {
  await using api = await withPod();
  await api.send('PUT', `${podsPath}/web/status`, { ...api.pod, status: { phase: 'Failed' } });
  await api.send('DELETE', `${podsPath}/web`);
  expect(await api.remains()).toEqual({});
});

test('finalizers hold it until they are gone', async () => {
  await using api = await withPod({ finalizers: ['example.com/held'] });
  await api.send('DELETE', `${podsPath}/web?gracePeriodSeconds=0`);
  expect(await api.remains()).toMatchObject({
    deletionTimestamp: '2026-01-02T03:04:05Z',
    deletionGracePeriodSeconds: 0,
  });
  const patch = { metadata: { finalizers: null } };
  const { status } = await api.send('PATCH', `${podsPath}/web`, patch, {
    'content-type': 'application/merge-patch+json',
  });
  expect([status, await api.remains()]).toEqual([200, {}]);
});

const foreground = ['foregroundDeletion'];
const own = 'example.com/held';

test.each<[string, object[], string[] | undefined, string[] | undefined]>([
  ['nothing is asked for', [{}], undefined, undefined],
  ['in the background', [{ propagationPolicy: 'Background' }], undefined, undefined],
  ['in the foreground', [{ propagationPolicy: 'Foreground' }], undefined, foreground],
  ['as orphans', [{ propagationPolicy: 'Orphan' }], [own], [own, 'orphan']],
  ['as orphans, by the older option', [{ orphanDependents: true }], undefined, ['orphan']],
  ['not as orphans, by the older option', [{ orphanDependents: false }], ['orphan', own], [own]],
  ['as it says itself', [{}], foreground, foreground],
  ['not as it says itself', [{ propagationPolicy: 'Background' }], [...foreground, own], [own]],
  ['otherwise than it says itself', [{ propagationPolicy: 'Orphan' }], foreground, ['orphan']],
  ['otherwise than was asked first', [{}, { propagationPolicy: 'Foreground' }], [own], [own, ...foreground]],
  ['as was asked first', [{ propagationPolicy: 'Orphan' }, {}], undefined, ['orphan']],
  ['as was asked last', [{ propagationPolicy: 'Orphan' }, { propagationPolicy: 'Background' }], undefined, undefined],
])('what becomes of dependents is kept as a finalizer: %s', async (_, requests, before, after) => {
  await using api = await testApi();
  const path = '/api/v1/namespaces/default/configmaps';
  await api.send('POST', path, { metadata: { name: 'a', finalizers: before } });
  for (const options of requests) await api.send('DELETE', `${path}/a`, options);
  const { status, body } = await api.send('GET', `${path}/a`);
  expect([status, body.metadata.finalizers]).toEqual(after ? [200, after] : [404, undefined]);
});

test('what becomes of the dependents of a Pod changes no more while it has its grace period, unless that is shortened', async () => {
  await using api = await withPod();
  const after = async (options: object) => {
    await api.send('DELETE', `${podsPath}/web`, options);
    return (await api.remains()).finalizers;
  };
  expect([
    await after({ propagationPolicy: 'Foreground' }),
    await after({ propagationPolicy: 'Orphan' }),
    await after({ propagationPolicy: 'Orphan', gracePeriodSeconds: 10 }),
    await after({ propagationPolicy: 'Background', gracePeriodSeconds: 0 }),
  ]).toEqual([foreground, foreground, ['orphan'], undefined]);
  expect(await api.remains()).toEqual({});
});

test('nothing belongs to an event', async () => {
  await using api = await testApi();
  const path = '/api/v1/namespaces/default/events';
  await api.send('POST', path, { metadata: { name: 'a', finalizers: ['orphan'] }, involvedObject: {} });
  await api.send('DELETE', `${path}/a`, { propagationPolicy: 'Foreground' });
  expect((await api.send('GET', `${path}/a`)).status).toBe(404);
});

test('a namespace is held for its dependents as for its content', async () => {
  await using api = await testApi();
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'work' } });
  const held = async (propagationPolicy: string) =>
    (await api.send('DELETE', '/api/v1/namespaces/work', { propagationPolicy })).body.metadata.finalizers;
  expect([await held('Foreground'), await held('Background')]).toEqual([foreground, foreground]);
});

test('only the older option is answered by whether it is gone', async () => {
  await using api = await withPod();
  const answers = [];
  for (const options of [
    { propagationPolicy: 'Foreground' },
    { orphanDependents: true },
    { orphanDependents: false },
  ]) {
    answers.push((await api.send('DELETE', `${podsPath}/web`, options)).status);
  }
  answers.push(
    (await api.send('DELETE', `${podsPath}/web`, { orphanDependents: false, gracePeriodSeconds: 0 })).status,
  );
  expect(answers).toEqual([200, 200, 202, 200]);
});

test('other kinds go at once, with a Status', async () => {
  await using api = await testApi();
  const path = '/api/v1/namespaces/default/configmaps';
  const { body } = await api.send('POST', path, { metadata: { name: 'a' } });
  expect((await api.send('DELETE', `${path}/a`)).body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid: body.metadata.uid },
    code: 200,
  });
});

test.each([
  ['another uid', { preconditions: { uid: 'other' } }, 409],
  ['another revision', { preconditions: { resourceVersion: '1' } }, 409],
  ['an unknown policy', { propagationPolicy: 'Perhaps' }, 422],
  ['a policy said twice', { propagationPolicy: 'Orphan', orphanDependents: true }, 422],
  ['a wrong type', { gracePeriodSeconds: 'soon' }, 400],
  ['another kind', { kind: 'Pod' }, 400],
  ['another dry run', { dryRun: ['Some'] }, 422],
])('refuses %s', async (_, options, code) => {
  await using api = await withPod();
  expect((await api.send('DELETE', `${podsPath}/web`, options)).status).toBe(code);
  expect(await api.remains()).toEqual(api.pod.metadata);
});

test.each([
  ['?dryRun=All', undefined],
  ['?dryRun=All&propagationPolicy=Foreground', undefined],
  ['', { dryRun: ['All'], propagationPolicy: 'Orphan' }],
])('a dry run deletes nothing %j %j', async (query, options) => {
  await using api = await withPod();
  expect((await api.send('DELETE', `${podsPath}/web${query}`, options)).status).toBe(200);
  expect(await api.remains()).toEqual(api.pod.metadata);
});

test('a collection, as far as it is selected', async () => {
  await using api = await testApi();
  for (const name of ['a', 'b', 'c'])
    await api.send('POST', podsPath, testPod(name, { keep: name === 'b' ? 'yes' : 'no' }));
  const { body } = await api.send('DELETE', `${podsPath}?labelSelector=keep%3Dno&gracePeriodSeconds=0`);
  expect([body.kind, body.items.length]).toEqual(['PodList', 2]);
  const { body: left } = await api.send('GET', podsPath);
  expect(left.items.map((pod: { metadata: { name: string } }) => pod.metadata.name)).toEqual(['b']);
});

test('some namespaces stay', async () => {
  await using api = await testApi();
  const { body } = await api.send('DELETE', '/api/v1/namespaces/default');
  expect(body).toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
});
