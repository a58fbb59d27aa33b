import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/api/v1/namespaces';
const merge = { 'content-type': 'application/merge-patch+json' };
const STANDARD = 'must be a standard finalizer or have a domain as prefix (e.g. example.com/cleanup)';

test('what holds a namespace has a name that says whose it is', async () => {
  await using api = await testApi();
  const create = (name: string, finalizers: string[]) =>
    api.send('POST', path, { metadata: { name }, spec: { finalizers } });
  const finalize = async (finalizers: string[]) =>
    told(await api.send('PUT', `${path}/good/finalize`, { metadata: { name: 'good' }, spec: { finalizers } }));
  expect([
    told(await create('bad', ['example.com/mine', 'mine'])),
    told(await create('good', ['example.com/mine'])),
    await finalize(['kubernetes', 'mine']),
    await finalize(['kubernetes']),
  ]).toEqual([
    [422, `spec.finalizers: Invalid value: "mine": ${STANDARD}`],
    [201],
    [422, `spec.finalizers[1]: Invalid value: "mine": ${STANDARD}`],
    [200],
  ]);
});

test('the phase says whether a namespace is going', async () => {
  await using api = await testApi();
  await api.send('POST', path, { metadata: { name: 'work' } });
  const patch = async (fields: object) => told(await api.send('PATCH', `${path}/work/status`, fields, merge));
  const before = [
    await patch({ status: { phase: 'Terminating' } }),
    await patch({ status: { phase: null } }),
    await patch({ metadata: { labels: { a: '-' } } }),
    await patch({ status: { conditions: [] } }),
  ];
  await api.send('DELETE', `${path}/work`);
  const after = [await patch({ status: { phase: 'Active' } }), await patch({ metadata: { labels: { a: 'b' } } })];
  expect([before, after]).toEqual([
    [
      [422, 'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty'],
      [200],
      [422, expect.stringMatching(/^metadata\.labels: Invalid value: "-"/)],
      [200],
    ],
    [
      [422, 'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty'],
      [200],
    ],
  ]);
});
