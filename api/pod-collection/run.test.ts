import { expect, test, vi } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { podsPath, testApi, testPod } from '../testing.ts';
import { runPodCollection } from './run.ts';

const nodesPath = '/api/v1/nodes';
const merge = { 'content-type': 'application/merge-patch+json' };
const time = '2026-01-02T03:04:05Z';
const outOfService = { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' };

/** The API with so many loops beside it, all of them on a clock that stands still until it is set. */
async function withCollection({ loops = 1, through = (store: Store) => store } = {}) {
  const api = await testApi();
  const stop = new AbortController();
  const deps = { ...api.deps, store: through(api.store) };
  let clock = 0;
  const pace = { everyMs: 1, clock: () => clock };
  const running = Promise.all(Array.from({ length: loops }, () => runPodCollection(deps, stop.signal, pace)));
  const create = async (name: string, spec: object = {}, metadata: object = {}): Promise<KubeObject> => {
    const pod = testPod(name);
    const object = { ...pod, metadata: { name, ...metadata }, spec: { ...pod.spec, ...spec } };
    const { status, body } = await api.send('POST', podsPath, object);
    expect(status).toBe(201);
    return body;
  };
  const get = async (name: string) => (await api.send('GET', `${podsPath}/${name}`)).body;
  const isGone = async (name: string) => (await api.send('GET', `${podsPath}/${name}`)).status === 404;
  const untilGone = (name: string) => vi.waitFor(async () => expect(await isGone(name)).toBe(true));
  const remove = (name: string) => api.send('DELETE', `${podsPath}/${name}`);
  /** Resolves when a loop has looked at what was written before, at the time that it is. */
  const settled = async () => {
    await create('last');
    await remove('last');
    await untilGone('last');
  };
  const setNode = (name: string, status: object, spec: object = {}) =>
    api
      .send('PATCH', `${nodesPath}/${name}/status`, { status }, merge)
      .then(() => api.send('PATCH', `${nodesPath}/${name}`, { spec }, merge));
  /** What a watch of the Pod shows. */
  const shown = async (name: string) => {
    const newest = await api.store.revision();
    const seen: unknown[][] = [];
    for await (const { type, key, object, revision } of api.store.watch({ since: 0 })) {
      const { phase, conditions } = object.status ?? {};
      if (key.resource === 'pods' && key.name === name) seen.push([type, phase, ...(conditions ? [conditions] : [])]);
      if (revision >= newest) break;
    }
    return seen;
  };
  const end = async () => {
    stop.abort();
    await running;
    await api.store.close();
  };
  return {
    ...api,
    create,
    get,
    isGone,
    untilGone,
    remove,
    settled,
    setNode,
    shown,
    setClock: (ms: number) => {
      clock = ms;
    },
    [Symbol.asyncDispose]: end,
  };
}

const disruption = {
  type: 'DisruptionTarget',
  observedGeneration: 1,
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
  lastTransitionTime: time,
};

test('Pods go with their node, 40 s after it, and those of a node that never was', async () => {
  await using api = await withCollection();
  for (const name of ['ghost', 'other']) await api.send('POST', nodesPath, { metadata: { name } });
  await api.create('runs', { nodeName: 'ghost' });
  await api.create('ends', { nodeName: 'ghost' });
  await api.create('lost', { nodeName: 'none' });
  await api.create('stays', { nodeName: 'other' });
  await api.create('waits');
  expect((await api.remove('ends')).status).toBe(200);
  await api.send('DELETE', `${nodesPath}/ghost`);
  await api.settled();
  api.setClock(39_999);
  await api.settled();
  expect((await api.get('ends')).metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
  for (const name of ['runs', 'lost']) expect((await api.get(name)).status.phase).toBe('Pending');
  api.setClock(40_000);
  for (const name of ['runs', 'ends', 'lost']) await api.untilGone(name);
  expect(await api.shown('runs')).toEqual([
    ['ADDED', 'Pending'],
    ['MODIFIED', 'Failed', [disruption]],
    ['DELETED', 'Failed', [disruption]],
  ]);
  api.setClock(1_000_000);
  await api.settled();
  for (const name of ['stays', 'waits']) expect((await api.get(name)).status.phase).toBe('Pending');
  expect(api.logged).toEqual([]);
});

test('a node that comes back in time keeps its Pods', async () => {
  await using api = await withCollection();
  await api.create('a', { nodeName: 'late' });
  await api.settled();
  await api.send('POST', nodesPath, { metadata: { name: 'late' } });
  api.setClock(1_000_000);
  await api.settled();
  expect((await api.get('a')).status.phase).toBe('Pending');
});

test('what is deleted goes where no node ends it: without one, or on one that is out of service', async () => {
  await using api = await withCollection();
  for (const name of ['broken', 'silent']) {
    await api.send('POST', nodesPath, { metadata: { name } });
    await api.setNode(name, { conditions: [{ type: 'Ready', status: 'Unknown' }] });
  }
  const onBroken = { nodeName: 'broken', tolerations: [{ operator: 'Exists' }] };
  await api.create('ends', onBroken);
  await api.create('stays', onBroken);
  await api.create('held', { nodeName: 'silent' });
  for (const name of ['ends', 'held']) await api.remove(name);
  await api.settled();
  expect(await api.isGone('ends')).toBe(false);
  await api.send('PATCH', `${nodesPath}/broken`, { spec: { taints: [outOfService] } }, merge);
  await api.untilGone('ends');
  expect((await api.shown('ends')).at(-1)).toEqual(['DELETED', 'Failed']);
  await api.settled();
  for (const name of ['stays', 'held']) expect((await api.get(name)).status.phase).toBe('Pending');
});

test('what finalizers hold is marked once, and goes when they are done', async () => {
  await using api = await withCollection();
  await api.create('a', { nodeName: 'none' }, { finalizers: ['a.b/c'] });
  await api.settled();
  api.setClock(40_000);
  await vi.waitFor(async () => expect((await api.get('a')).metadata.deletionTimestamp).toBe(time));
  const { metadata, status } = await api.get('a');
  expect([metadata.deletionGracePeriodSeconds, status.phase, status.conditions]).toEqual([0, 'Failed', [disruption]]);
  await api.settled();
  expect((await api.get('a')).metadata.resourceVersion).toBe(metadata.resourceVersion);
  await api.send('PATCH', `${podsPath}/a`, { metadata: { finalizers: null } }, merge);
  expect(await api.isGone('a')).toBe(true);
});

test('several processes do the same; one Pod that fails holds up no other', async () => {
  let refused = 0;
  const failing = (store: Store): Store => ({
    ...store,
    update: (key, change, by) => {
      if (key.name !== 'bad' || refused >= 2) return store.update(key, change, by);
      refused++;
      return Promise.reject(new Error('no space left'));
    },
  });
  await using api = await withCollection({ loops: 2, through: failing });
  const names = ['bad', ...Array.from({ length: 20 }, (_, n) => `pod-${n}`)];
  for (const name of names) await api.create(name, { nodeName: 'none' });
  await api.settled();
  api.setClock(40_000);
  for (const name of names) await api.untilGone(name);
  const told = { err: new Error('no space left'), failures: 1 };
  expect(api.logged).toEqual([told, told]);
});

test('a node that is there after all is asked for once more', async () => {
  // What is followed does not tell of it.
  const silent = (store: Store): Store => ({
    ...store,
    watch: (options) =>
      (async function* () {
        for await (const change of store.watch(options)) if (change.key.resource !== 'nodes') yield change;
      })(),
  });
  await using api = await withCollection({ through: silent });
  await api.create('a', { nodeName: 'late' });
  await api.create('b', { nodeName: 'none' });
  await api.settled();
  await api.send('POST', nodesPath, { metadata: { name: 'late' } });
  api.setClock(40_000);
  await api.untilGone('b');
  await api.settled();
  expect((await api.get('a')).status.phase).toBe('Pending');
});
