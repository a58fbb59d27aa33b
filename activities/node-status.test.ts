import { expect, test } from 'vitest';
import type { NodeFacts } from '../pod/contract.ts';
import type { Node } from '../pod/types.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { publishNode } from './node-status.ts';

test('a node says of itself what it has and can do, and what clients wrote of it stays', async () => {
  const store = openSqliteStore(':memory:');
  const key = { resource: 'nodes', namespace: '', name: 'box' };
  const facts: NodeFacts = {
    instance: 'i1',
    labels: { arch: 'amd64' },
    addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    capacity: { cpu: '2' },
    allocatable: { cpu: '2' },
    nodeInfo: { osImage: 'Linux' },
    features: { supplementalGroupsPolicy: true },
    port: 1234,
  };
  try {
    await publishNode(store, { name: 'box', facts, ready: true, message: 'is well' });
    await store.update(key, (node) => ({ ...node, spec: { unschedulable: true } }), 'client');
    await publishNode(store, { name: 'box', ready: false, message: 'is silent' });
    const { metadata, spec, status } = (await store.get(key)) as unknown as Node;
    const { conditions, ...rest } = status!;
    expect({ labels: metadata.labels, spec, ...rest, ready: conditions?.at(-1) }).toEqual({
      labels: { arch: 'amd64' },
      spec: { unschedulable: true },
      addresses: facts.addresses,
      capacity: facts.capacity,
      allocatable: facts.allocatable,
      nodeInfo: facts.nodeInfo,
      features: { supplementalGroupsPolicy: true },
      daemonEndpoints: { kubeletEndpoint: { Port: 1234 } },
      ready: expect.objectContaining({ type: 'Ready', status: 'Unknown', message: 'is silent' }),
    });
  } finally {
    await store.close();
  }
});
