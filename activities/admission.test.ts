import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pod, PodRef } from '../pod/types.ts';
import { DELETE, type Store, type StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { controlActivities } from './control-activities.ts';

let store: Store;
let activities: ReturnType<typeof controlActivities>;
beforeEach(async () => {
  store = openSqliteStore(':memory:');
  activities = controlActivities(store);
  const status = {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    allocatable: { cpu: '2', memory: '1Gi', pods: '4' },
  };
  await store.create(
    { resource: 'nodes', namespace: '', name: 'box' },
    { metadata: { name: 'box' }, status },
    'client',
  );
});
afterEach(() => store.close());

const key = (name: string) => ({ resource: 'pods', namespace: 'default', name });
const wants = (requests: object) => ({ containers: [{ name: 'main', image: 'i', resources: { requests } }] });
async function create(name: string, requests: object, spec: object = {}): Promise<PodRef> {
  const ref = { namespace: 'default', name, uid: `uid-${name}` };
  await store.create(key(name), { metadata: ref, spec: { ...wants(requests), ...spec } } as StoredObject, 'client');
  return ref;
}
const bind = async (name: string, requests: object, spec?: object) =>
  activities.bindPod(await create(name, requests, spec));
/** Another process, or a workflow, changes a Pod; the log brings it, sooner or later. */
async function change(name: string, how: (pod: Pod) => Pod | typeof DELETE) {
  await store.update(key(name), (pod) => how(pod as unknown as Pod) as StoredObject, 'workflow');
}
const binding = { nodeName: 'box', hostIP: '192.0.2.1', hostIPs: ['192.0.2.1'] };

test('a Pod that does not fit has to wait until another is over or gone', async () => {
  expect(await bind('a', { cpu: '1500m' })).toEqual({ binding });
  const b = await create('b', { cpu: '600m', memory: '2Gi' });
  expect(await activities.bindPod(b)).toEqual({
    unschedulable: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
  });
  await change('a', (pod) => ({ ...pod, status: { phase: 'Succeeded' } }));
  await expect
    .poll(() => activities.bindPod(b))
    .toEqual({
      unschedulable: '0/1 nodes are available: 1 Insufficient memory.',
    });
  expect(await bind('c', { cpu: '2', memory: '1Gi' })).toEqual({ binding });
  await change('c', () => DELETE);
  const d = await create('d', { cpu: '2', memory: '1Gi' });
  await expect.poll(() => activities.bindPod(d)).toEqual({ binding });
});

test('of Pods that come at once so many get the node as it has room for', async () => {
  const refs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => create(name, { cpu: '700m' })));
  const results = await Promise.all(refs.map(activities.bindPod));
  expect(results.map((result) => 'binding' in result)).toEqual([true, true, false, false, false]);
});

test('a Pod that was put on the node is rejected in the words of the kubelet; bound again it does not stand in its own way', async () => {
  await bind('a', { cpu: '1' });
  const on = { nodeName: 'box' };
  expect(await activities.bindPod({ namespace: 'default', name: 'a', uid: 'uid-a' })).toEqual({ binding });
  expect(await bind('b', { cpu: '1500m' }, on)).toEqual({
    binding,
    rejection: {
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    },
  });
  expect(await bind('c', { memory: '2Gi' }, on)).toMatchObject({ rejection: { reason: 'OutOfmemory' } });
  for (const name of ['d', 'e', 'f']) expect(await bind(name, {}, on)).toEqual({ binding });
  expect(await bind('g', {}, on)).toMatchObject({ rejection: { reason: 'OutOfpods' } });
  expect(await bind('h', {})).toEqual({ unschedulable: '0/1 nodes are available: 1 Too many pods.' });
});

test('a Pod whose host port is taken waits until it is free; put on the node it is rejected', async () => {
  const onPort = (hostPort: number) => ({ containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort }] }] });
  expect(await bind('a', {}, onPort(8080))).toEqual({ binding });
  expect(await bind('b', {}, onPort(8081))).toEqual({ binding });
  const c = await create('c', {}, onPort(8080));
  const why = "node(s) didn't have free ports for the requested pod ports";
  expect(await activities.bindPod(c)).toEqual({ unschedulable: `0/1 nodes are available: 1 ${why}.` });
  expect(await bind('d', {}, { ...onPort(8080), nodeName: 'box' })).toEqual({
    binding,
    rejection: { reason: 'NodePorts', message: `Predicate NodePorts failed: ${why}` },
  });
  await change('a', (pod) => ({ ...pod, status: { phase: 'Failed' } }));
  await expect.poll(() => activities.bindPod(c)).toEqual({ binding });
});

test('a resize is granted, waits, or can never be', async () => {
  await bind('a', { cpu: '1' });
  await bind('b', { cpu: '500m' });
  const resize = (name: string, cpu: string) =>
    activities.admitResize({
      pod: { namespace: 'default', name, uid: `uid-${name}` },
      nodeName: 'box',
      wanted: { main: { requests: { cpu } } },
    });
  expect(await resize('a', '1500m')).toEqual({ granted: true });
  expect(await resize('b', '600m')).toEqual({
    refusal: {
      reason: 'Deferred',
      message: "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
    },
  });
  expect(await resize('a', '3')).toEqual({
    refusal: {
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
    },
  });
  expect(await resize('a', '1')).toEqual({ granted: true });
  expect(await resize('b', '600m')).toEqual({ granted: true });
  expect(await resize('gone', '1')).toEqual({ gone: true });
});

test('what is taken is known after a restart', async () => {
  await bind('a', { cpu: '2' });
  await change('a', (pod) => ({ ...pod, status: { phase: 'Running', hostIP: '192.0.2.1' } }));
  activities = controlActivities(store);
  expect(await bind('b', { cpu: '1' })).toMatchObject({ unschedulable: expect.stringContaining('Insufficient cpu') });
});
