import { expect, test } from 'vitest';
import type { NodeFacts } from '../pod/contract.ts';
import type { Node } from '../pod/types.ts';
import type { StoredObject } from '../store/port.ts';
import { DELETE } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { publishNode } from './node-status.ts';

test('a node says of itself what it has and can do, and what clients wrote of it beside that stays', async () => {
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
    const labels = { arch: 'mine', disk: 'ssd' };
    const edited = (node: StoredObject) => ({
      ...node,
      metadata: { ...node.metadata, labels },
      spec: { unschedulable: true },
    });
    await store.update(key, edited, 'client');
    await publishNode(store, { name: 'box', facts, ready: true, message: 'is well' });
    await publishNode(store, { name: 'box', ready: false, message: 'is silent' });
    const { metadata, spec, status } = (await store.get(key)) as unknown as Node;
    const { conditions, ...rest } = status!;
    expect({ labels: metadata.labels, spec, ...rest, ready: conditions?.at(-1) }).toEqual({
      labels: { arch: 'amd64', disk: 'ssd' },
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

test('its conditions say when it was heard of last, and those of others stay', async () => {
  const store = openSqliteStore(':memory:');
  const key = { resource: 'nodes', namespace: '', name: 'box' };
  const facts = { instance: 'i1', labels: {}, capacity: {}, allocatable: {} } as unknown as NodeFacts;
  const kernel = { type: 'KernelDeadlock', status: 'False', lastHeartbeatTime: '2026-01-01T00:00:00Z' };
  try {
    await publishNode(store, { name: 'box', facts, ready: true, message: 'is well' });
    const aged = (object: StoredObject) => {
      const { status } = object as unknown as Node;
      const conditions = status!.conditions!.map((c) => ({ ...c, lastHeartbeatTime: '2026-01-02T00:00:00Z' }));
      return { ...object, status: { ...status, conditions: [kernel, ...conditions] } } as StoredObject;
    };
    await store.update(key, aged, 'client');
    await publishNode(store, { name: 'box', ready: false, message: 'is silent' });
    const { status } = (await store.get(key)) as unknown as Node;
    expect(status?.conditions?.map((c) => `${c.type} ${c.status} ${c.lastHeartbeatTime}`)).toEqual([
      'KernelDeadlock False 2026-01-01T00:00:00Z',
      'MemoryPressure Unknown 2026-01-02T00:00:00Z',
      'DiskPressure Unknown 2026-01-02T00:00:00Z',
      'PIDPressure Unknown 2026-01-02T00:00:00Z',
      'Ready Unknown 2026-01-02T00:00:00Z',
    ]);
  } finally {
    await store.close();
  }
});

test('what it is short of is a condition and a taint, beside those of others, until it is not', async () => {
  const store = openSqliteStore(':memory:');
  const key = { resource: 'nodes', namespace: '', name: 'box' };
  const facts = { instance: 'i1', labels: {}, capacity: {}, allocatable: {} } as unknown as NodeFacts;
  const others = [
    { key: 'mine', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/disk-pressure', effect: 'NoExecute' },
  ];
  const publish = (pressure: string[]) =>
    publishNode(store, { name: 'box', facts: { ...facts, pressure }, ready: true, message: '' });
  const seen = async () => {
    const { spec, status } = (await store.get(key)) as unknown as Node;
    return { ...spec, conditions: status?.conditions?.map((c) => `${c.type} ${c.status} ${c.reason}`) };
  };
  const conditions = (disk: string) => [
    'MemoryPressure False KubeletHasSufficientMemory',
    `DiskPressure ${disk}`,
    'PIDPressure False KubeletHasSufficientPID',
    'Ready True KubeletReady',
  ];
  try {
    await publish(['DiskPressure']);
    const taint = { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' };
    expect(await seen()).toEqual({ taints: [taint], conditions: conditions('True KubeletHasDiskPressure') });
    await store.update(key, (node) => ({ ...node, spec: { taints: others } }), 'client');
    await publish(['DiskPressure']);
    expect((await seen()).taints).toEqual([...others, taint]);
    await publish([]);
    expect(await seen()).toEqual({ taints: others, conditions: conditions('False KubeletHasNoDiskPressure') });
    await store.update(key, (node) => ({ ...node, spec: {} }), 'client');
    await publish([]);
    expect((await seen()).taints).toBeUndefined();
  } finally {
    await store.close();
  }
});

test('coming, being ready and falling silent are events; a Node that a client deleted stays away until it registers', async () => {
  const store = openSqliteStore(':memory:');
  const facts = { instance: 'i1', labels: {}, capacity: {}, allocatable: {} } as unknown as NodeFacts;
  const ready = () => publishNode(store, { name: 'box', facts, ready: true, message: '' });
  const silent = () => publishNode(store, { name: 'box', ready: false, message: '' });
  const names = async (resource: string) => (await store.list(resource)).items.map((o) => o.reason ?? o.metadata.name);
  try {
    for (const publish of [ready, ready, silent, silent, ready]) await publish();
    expect((await names('events')).sort()).toEqual(['NodeNotReady', 'NodeReady', 'NodeReady', 'RegisteredNode']);
    await store.update({ resource: 'nodes', namespace: '', name: 'box' }, () => DELETE, 'client');
    await silent();
    expect(await names('nodes')).toEqual([]);
    await ready();
    expect(await names('nodes')).toEqual(['box']);
  } finally {
    await store.close();
  }
});
