import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DELETE, type Store, type StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { Waker } from './waker.ts';

const NOTHING = () => undefined;
const silent = { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };
const client = {
  workflow: {
    getHandle: (id: string) => ({
      async signal(name: string) {
        told.push(`${name} ${id}`);
        times.push(performance.now());
      },
    }),
  },
} as unknown as Client;

let store: Store;
let told: string[];
let times: number[];
let stopping: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  store = openSqliteStore(':memory:');
  [told, times, stopping] = [[], [], new AbortController()];
  await put('nodes', 'box', { spec: {} });
  await put('pods', 'early', { spec: { containers: [] } });
  running = new Waker(store, client, silent).run(stopping.signal);
  await put('pods', 'late', { spec: { containers: [] } });
  await put('pods', 'made', { spec: { nodeName: 'box', containers: [] }, status: { phase: 'Pending' } });
  await put('pods', 'runs', {
    spec: { nodeName: 'box', containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] },
  });
});
afterEach(async () => {
  stopping.abort();
  await running;
  await store.close();
});

const key = (resource: string, name: string) => ({
  resource,
  namespace: resource === 'nodes' ? '' : 'default',
  name,
});
const put = (resource: string, name: string, more: object, namespace = 'default') =>
  store.create(
    { ...key(resource, name), ...(resource === 'nodes' ? {} : { namespace }) },
    { metadata: { name, namespace, uid: `uid-${name}` }, ...more },
    'client',
  );
const change = (resource: string, name: string, to: (object: StoredObject) => StoredObject | typeof DELETE) =>
  store.update(key(resource, name), to, 'client');
const comes = (...names: string[]) =>
  vi.waitFor(() => expect(told).toEqual(names.map((name) => `lookAgain pod/default/${name}/uid-${name}`)), 5_000);

test('a Pod that ended, or is gone, wakes those that wait for room', async () => {
  await change('pods', 'runs', (pod) => ({ ...pod, status: { ...pod.status, phase: 'Succeeded' } }));
  await comes('early', 'late');
  await change('pods', 'early', (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'box' } }));
  await change('pods', 'made', () => DELETE);
  await comes('early', 'late', 'late');
});

test('of many, those that were not woken last are next', async () => {
  const more = Array.from({ length: 20 }, (_, n) => `more-${String.fromCharCode(97 + n)}`);
  for (const name of more) await put('pods', name, { spec: { containers: [] } });
  const offer = (cpu: string) => change('nodes', 'box', (node) => ({ ...node, status: { allocatable: { cpu } } }));
  await offer('1');
  const first = ['early', 'late', ...more.slice(0, 18)];
  await comes(...first);
  await offer('2');
  await comes(...first, ...more.slice(18), ...first.slice(0, 18));
});

test('so does a node that takes other Pods than before', async () => {
  await change('nodes', 'box', (node) => ({ ...node, spec: { unschedulable: false } }));
  await comes('early', 'late');
});

test('an object wakes those of its namespace that lack something', async () => {
  await put('secrets', 'elsewhere', {}, 'other');
  await put('configmaps', 'settings', {});
  await comes('made');
});

test('what changes nothing for them wakes nobody', async () => {
  await change('nodes', 'box', (node) => ({ ...node, status: { conditions: [{ type: 'Ready', reason: 'still' }] } }));
  await change('pods', 'runs', (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: 'web' } } }));
  await put('configmaps', 'settings', {});
  await comes('made');
});

test.each<[string, string, string[]]>([
  ['nodes', 'box', ['early', 'late']],
  ['configmaps', 'settings', ['made']],
])('%s that change all the time do not keep Pods looking', async (resource, name, names) => {
  await put(resource, `${name}-1`, {});
  await comes(...names);
  await put(resource, `${name}-2`, {});
  await comes(...names, ...names);
  expect(times[names.length]! - times[names.length - 1]!).toBeGreaterThan(490);
});
