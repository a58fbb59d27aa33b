import { expect, test } from 'vitest';
import type { StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { renewLeases } from './node-leases.ts';

test('a Ready node has a lease that is renewed, another one has none', async () => {
  const store = openSqliteStore(':memory:');
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const node = (name: string, status: string): StoredObject => ({
    metadata: { name, uid: `uid-${name}` },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  for (const [name, status] of [
    ['up', 'True'],
    ['down', 'Unknown'],
  ] as const) {
    await store.create({ resource: 'nodes', namespace: '', name }, node(name, status), 'client');
  }
  const spec = async () =>
    (await store.list('leases.coordination.k8s.io', { namespace: 'kube-node-lease' })).items.map((lease) => [
      lease.metadata.name,
      lease.metadata.ownerReferences,
      lease.spec,
    ]);
  const lease = (renewTime: string) => [
    [
      'up',
      [{ apiVersion: 'v1', kind: 'Node', name: 'up', uid: 'uid-up' }],
      { holderIdentity: 'up', leaseDurationSeconds: 40, renewTime },
    ],
  ];
  await renewLeases({ store, log, now: () => new Date('2026-01-02T03:04:05.678Z') });
  expect(await spec()).toEqual(lease('2026-01-02T03:04:05.678000Z'));
  await renewLeases({ store, log, now: () => new Date('2026-01-02T03:04:15.678Z') });
  expect(await spec()).toEqual(lease('2026-01-02T03:04:15.678000Z'));
  await store.close();
});
