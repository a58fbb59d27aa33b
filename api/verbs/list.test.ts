import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const names = ({ body }: { body: { items: { metadata: { name: string } }[] } }) =>
  body.items.map((i) => i.metadata.name);

async function withPods(...pods: [string, string][]) {
  const api = await testApi();
  for (const [name, app] of pods) await api.send('POST', podsPath, testPod(name, { app }));
  return api;
}

test('selects by labels and fields', async () => {
  await using api = await withPods(['a', 'x'], ['b', 'y'], ['c', 'x']);
  const all = await api.send('GET', '/api/v1/pods');
  expect(all.body).toMatchObject({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: expect.any(String) },
  });
  const found = [
    all,
    await api.send('GET', `${podsPath}?labelSelector=app%3Dx`),
    await api.send('GET', `${podsPath}?fieldSelector=metadata.name%3Db`),
    await api.send('GET', `${podsPath}?labelSelector=app%20notin%20(x)&fieldSelector=status.phase%3DPending`),
    await api.send('GET', '/api/v1/namespaces/kube-system/pods'),
  ];
  expect(found.map(names)).toEqual([['a', 'b', 'c'], ['a', 'c'], ['b'], ['b'], []]);
});

test('pages show the state of the first page', async () => {
  await using api = await withPods(['a', 'x'], ['b', 'y'], ['c', 'x'], ['d', 'x']);
  const first = await api.send('GET', `${podsPath}?limit=1&labelSelector=app%3Dx`);
  await api.send('DELETE', `${podsPath}/c?gracePeriodSeconds=0`);
  const token = first.body.metadata.continue;
  const second = await api.send('GET', `${podsPath}?limit=1&labelSelector=app%3Dx&continue=${token}`);
  const third = await api.send('GET', `${podsPath}?labelSelector=app%3Dx&continue=${second.body.metadata.continue}`);
  expect([first, second, third].map(names)).toEqual([['a'], ['c'], ['d']]);
  expect(third.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion });
});

test('a list whose revision is gone may go on with what is there now', async () => {
  await using api = await withPods(['a', 'x'], ['b', 'x'], ['d', 'x']);
  const list = (token: string) => api.send('GET', `${podsPath}?limit=1&continue=${token}`);
  const first = await list('');
  await api.send('POST', podsPath, testPod('c', { app: 'x' }));
  await api.store.compact(await api.store.revision());
  const refused = await list(first.body.metadata.continue);
  expect([refused.status, refused.body.reason]).toEqual([410, 'Expired']);
  const second = await list(refused.body.metadata.continue);
  const third = await list(second.body.metadata.continue);
  expect([first, second, third].map(names)).toEqual([['a'], ['b'], ['c']]);
  expect(third.body.metadata.resourceVersion).toBe(second.body.metadata.resourceVersion);
});

test('lists an older revision, and says when it is gone', async () => {
  await using api = await withPods(['a', 'x']);
  const { resourceVersion } = (await api.send('GET', podsPath)).body.metadata;
  await api.send('POST', podsPath, testPod('b'));
  const query = `?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
  const found = [
    query,
    `?resourceVersion=${resourceVersion}&limit=5`,
    `?resourceVersion=${resourceVersion}&limit=5&resourceVersionMatch=NotOlderThan`,
    '?resourceVersion=0&limit=5',
    `?resourceVersion=${resourceVersion}`,
  ].map(async (asked) => names(await api.send('GET', podsPath + asked)));
  expect(await Promise.all(found)).toEqual([['a'], ['a'], ['a', 'b'], ['a', 'b'], ['a', 'b']]);
  await api.store.compact(await api.store.revision());
  const { status, body } = await api.send('GET', podsPath + query);
  expect([status, body.reason]).toEqual([410, 'Expired']);
});

test.each([
  ['labelSelector=a%20in', 400],
  ['fieldSelector=spec.colour%3Dred', 400],
  ['limit=-1', 400],
  ['continue=abc', 400],
  ['continue=WzEsImEiLCJiIl0&resourceVersion=1', 400],
  ['resourceVersion=x', 400],
  ['resourceVersion=1&resourceVersionMatch=Newer', 400],
  ['resourceVersionMatch=Exact', 400],
  ['resourceVersion=999999', 504],
])('%s is answered %i', async (query, code) => {
  await using api = await withPods();
  const { status, body } = await api.send('GET', `${podsPath}?${query}`);
  expect([status, body.kind, body.code]).toEqual([code, 'Status', code]);
});

test('as a table', async () => {
  await using api = await withPods(['a', 'x']);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const { body } = await api.send('GET', `${podsPath}?includeObject=None`, undefined, { accept });
  expect({ ...body, columnDefinitions: body.columnDefinitions.map((c: { name: string }) => c.name) }).toEqual({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: expect.any(String) },
    columnDefinitions: [
      'Name',
      'Ready',
      'Status',
      'Restarts',
      'Age',
      'IP',
      'Node',
      'Nominated Node',
      'Readiness Gates',
    ],
    rows: [{ cells: ['a', '0/1', 'Pending', '0', '0s', '<none>', '<none>', '<none>', '<none>'] }],
  });
});

test('metadata only', async () => {
  await using api = await withPods(['a', 'x']);
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const { body } = await api.send('GET', podsPath, undefined, { accept });
  expect(body).toEqual({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: expect.any(String) },
    items: [
      {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: expect.objectContaining({ name: 'a', labels: { app: 'x' } }),
      },
    ],
  });
});
