import { expect, test } from 'vitest';
import { renewLeases } from '../node-leases.ts';
import { testApi, watchLines } from '../testing.ts';

const path = '/api/v1/nodes';
const registered = '2026-01-01T00:00:00Z';
const condition = (type: string, status: string, lastHeartbeatTime = registered) => ({
  type,
  status,
  lastHeartbeatTime,
});

test('a node says when it was heard of last without being written, in conditions that are its own', async () => {
  await using api = await testApi();
  const later = { now: () => new Date('2026-01-02T03:14:15.678Z'), store: api.store, log: api.deps.log };
  for (const name of ['idle', 'box']) await api.send('POST', path, { metadata: { name } });
  const ready = { conditions: [condition('KernelDeadlock', 'False'), condition('Ready', 'True')] };
  await api.send('PATCH', `${path}/box/status`, JSON.stringify({ status: ready }), {
    'content-type': 'application/merge-patch+json',
  });
  const heard = async () => {
    const { body: one } = await api.send('GET', `${path}/box`);
    const { body: all } = await api.send('GET', path);
    const first = await watchLines(
      await api.app.request(`${path}?watch=1`, { headers: { authorization: 'Bearer token' } }),
      2,
    );
    const { items } = await api.store.list('nodes');
    return [one, all.items[0], first[0]!.object, items[0]!].map(({ metadata, status }) => [
      metadata.resourceVersion,
      status.conditions.map((c: { lastHeartbeatTime: string }) => c.lastHeartbeatTime),
    ]);
  };
  const [[revision] = []] = await heard();
  const stored = [revision, [registered, registered]];
  expect(await heard()).toEqual([stored, stored, stored, stored]);

  await renewLeases(later);
  const shown = [revision, [registered, '2026-01-02T03:14:15Z']];
  expect(await heard()).toEqual([shown, shown, shown, stored]);

  const silent = { conditions: [condition('Ready', 'Unknown', '2026-01-03T00:00:00Z')] };
  await api.send('PATCH', `${path}/box/status`, JSON.stringify({ status: silent }), {
    'content-type': 'application/merge-patch+json',
  });
  expect((await heard()).map(([, times]) => times)).toEqual(Array(4).fill(['2026-01-03T00:00:00Z']));
});
