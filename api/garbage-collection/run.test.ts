import { expect, test, vi } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { podsPath, testApi, testPod } from '../testing.ts';
import type { OwnerReference } from './graph.ts';
import { runGarbageCollection } from './run.ts';

const inNamespace = (namespace: string) => `/api/v1/namespaces/${namespace}`;
const configs = `${inNamespace('default')}/configmaps`;
const merge = { 'content-type': 'application/merge-patch+json' };
const time = '2026-01-02T03:04:05Z';

const ownedBy = ({ metadata, kind }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: kind ?? '',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  ...more,
});
const nobody: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'nobody' };
const blocking = { blockOwnerDeletion: true };

/** The API with so many loops beside it, as several processes have them; `start` begins one more. */
async function withCollection({ loops = 1, through = (store: Store) => store } = {}) {
  const api = await testApi();
  const stop = new AbortController();
  const deps = { ...api.deps, store: through(api.store) };
  const running: Promise<void>[] = [];
  const start = () => void running.push(runGarbageCollection(deps, stop.signal));
  for (let n = 0; n < loops; n++) start();
  const create = async (name: string, owners: OwnerReference[] = [], collection = configs): Promise<KubeObject> => {
    const given = collection === podsPath ? testPod(name) : { metadata: {} };
    const object = { ...given, metadata: { name, ownerReferences: owners } };
    const { status, body } = await api.send('POST', collection, object);
    expect(status).toBe(201);
    return body;
  };
  const metadata = async (name: string, collection = configs): Promise<KubeObject['metadata'] | undefined> =>
    (await api.send('GET', `${collection}/${name}`)).body.metadata;
  const isThere = async (name: string, collection = configs) =>
    (await api.send('GET', `${collection}/${name}`)).status === 200;
  const remove = (name: string, options: object = {}, collection = configs) =>
    api.send('DELETE', `${collection}/${name}`, options);
  /** Resolves when what has been written before has been looked at. */
  const settled = async () => {
    await create('last', [nobody]);
    await vi.waitFor(async () => expect(await isThere('last')).toBe(false));
  };
  /** The names of what went, in order. */
  const gone = async () => {
    const since = await api.store.compacted();
    const names: string[] = [];
    const until = new AbortController();
    const newest = await api.store.revision();
    for await (const { type, key, revision } of api.store.watch({ since, signal: until.signal })) {
      if (type === 'DELETED') names.push(key.name);
      if (revision >= newest) break;
    }
    return names;
  };
  const end = async () => {
    stop.abort();
    await Promise.all(running);
    await api.store.close();
  };
  return { ...api, start, create, metadata, isThere, remove, settled, gone, [Symbol.asyncDispose]: end };
}

test.each([1, 2])(
  'dependents go after their owner, and theirs after them; who has an owner left stays (%i)',
  async (loops) => {
    await using api = await withCollection({ loops });
    const owner = await api.create('owner');
    const other = await api.create('other');
    const a = await api.create('a', [ownedBy(owner)]);
    await api.create('b', [ownedBy(a)], `${inNamespace('default')}/secrets`);
    await api.create('pod', [ownedBy(owner)], podsPath);
    await api.create('both', [ownedBy(owner, blocking), ownedBy(other)]);
    await api.create('free');
    expect((await api.remove('owner', { propagationPolicy: 'Background' })).status).toBe(200);
    await vi.waitFor(async () => expect((await api.metadata('both'))?.ownerReferences).toEqual([ownedBy(other)]));
    await vi.waitFor(async () => expect(await api.gone()).toEqual(['owner', 'a', 'b']));
    expect(await api.metadata('pod', podsPath)).toMatchObject({
      deletionTimestamp: '2026-01-02T03:04:35Z',
      deletionGracePeriodSeconds: 30,
      ownerReferences: [ownedBy(owner)],
    });
    await api.settled();
    expect([await api.isThere('free'), await api.isThere('both')]).toEqual([true, true]);
  },
);

test('an owner that never was is gone, one of another uid too; what is of an unknown kind is not', async () => {
  await using api = await withCollection();
  const owner = await api.create('owner');
  await api.create('a', [nobody]);
  await api.create('b', [ownedBy(owner, { uid: 'before' })]);
  await api.create('c', [ownedBy(owner, { name: 'other' })]);
  await api.create('set', [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', uid: 'set' }]);
  await api.create('custom', [nobody, { apiVersion: 'example.com/v1', kind: 'Custom', name: 'x', uid: 'x' }]);
  await api.create('version', [ownedBy(owner, { apiVersion: 'v2', uid: 'x' })]);
  await api.settled();
  expect(await api.gone()).toEqual(['a', 'b', 'c', 'last']);
  expect((await api.metadata('custom'))?.ownerReferences).toHaveLength(2);
});

test('an owner is looked for in the namespace of its dependent', async () => {
  await using api = await withCollection();
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
  const owner = await api.create('owner', [], `${inNamespace('other')}/configmaps`);
  const node = await api.create('node', [], '/api/v1/nodes');
  const wrong = await api.create('wrong', [ownedBy(owner)]);
  await api.create('right', [ownedBy(node)]);
  await api.create('class', [ownedBy(owner)], '/api/v1/nodes');
  await api.settled();
  expect(await api.gone()).toEqual(['wrong', 'last']);
  const { body } = await api.send('GET', `${inNamespace('default')}/events?fieldSelector=involvedObject.name=wrong`);
  const { uid } = owner.metadata;
  expect(body.items).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: expect.objectContaining({ namespace: 'default', name: expect.stringMatching(/^wrong\.[0-9a-f]{16}$/) }),
      involvedObject: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'wrong',
        uid: wrong.metadata.uid,
      },
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${uid}] does not exist in namespace "default"`,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: { component: 'garbage-collector-controller' },
      reportingComponent: 'garbage-collector-controller',
      reportingInstance: '',
    },
  ]);
});

test.each([1, 2])('in the foreground dependents go first, and are waited for where they say so (%i)', async (loops) => {
  await using api = await withCollection({ loops });
  const owner = await api.create('owner');
  const other = await api.create('other');
  const a = await api.create('a', [ownedBy(owner, blocking)]);
  await api.create('b', [ownedBy(a, blocking)]);
  await api.create('both', [ownedBy(owner, blocking), ownedBy(other)]);
  await api.create('pod', [ownedBy(owner, blocking)], podsPath);
  await api.create('loose', [ownedBy(owner)], podsPath);
  const { status, body } = await api.remove('owner', { propagationPolicy: 'Foreground' });
  expect([status, body.metadata]).toEqual([
    200,
    {
      ...owner.metadata,
      resourceVersion: expect.any(String),
      deletionTimestamp: time,
      deletionGracePeriodSeconds: 0,
      finalizers: ['foregroundDeletion'],
    },
  ]);
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['b', 'a']));
  await api.settled();
  expect((await api.metadata('both'))?.ownerReferences).toEqual([ownedBy(other)]);
  expect((await api.metadata('owner'))?.finalizers).toEqual(['foregroundDeletion']);
  expect((await api.metadata('loose', podsPath))?.deletionTimestamp).toBe('2026-01-02T03:04:35Z');
  await api.remove('pod', { gracePeriodSeconds: 0 }, podsPath);
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['b', 'a', 'last', 'pod', 'owner']));
});

test('what is made for an owner that waits for its dependents goes with them', async () => {
  await using api = await withCollection();
  const owner = await api.create('owner');
  await api.create('pod', [ownedBy(owner, blocking)], podsPath);
  await api.remove('owner', { propagationPolicy: 'Foreground' });
  await api.create('late', [ownedBy(owner, blocking)]);
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['late']));
  await api.send('PATCH', `${podsPath}/pod`, { metadata: { ownerReferences: null } }, merge);
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['late', 'owner']));
});

test('a circle does not wait for itself', async () => {
  await using api = await withCollection();
  const a = await api.create('a');
  const b = await api.create('b', [ownedBy(a, blocking)]);
  const ownerReferences = [ownedBy(b, blocking)];
  await api.send('PATCH', `${configs}/a`, { metadata: { ownerReferences } }, merge);
  await api.remove('a', { propagationPolicy: 'Foreground' });
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['a', 'b']));
});

test.each([{ propagationPolicy: 'Orphan' }, { orphanDependents: true }])(
  'orphans stay, without their owner (%j)',
  async (options) => {
    await using api = await withCollection();
    const owner = await api.create('owner');
    const other = await api.create('other');
    await api.create('a', [ownedBy(owner, blocking)]);
    await api.create('both', [ownedBy(owner), ownedBy(other)]);
    const { status, body } = await api.remove('owner', options);
    expect([status, body.metadata.finalizers]).toEqual([200, ['orphan']]);
    await vi.waitFor(async () => expect(await api.gone()).toEqual(['owner']));
    await api.settled();
    expect((await api.metadata('a'))?.ownerReferences).toBeUndefined();
    expect((await api.metadata('both'))?.ownerReferences).toEqual([ownedBy(other)]);
  },
);

test('a collection is deleted as one object is', async () => {
  await using api = await withCollection();
  const pods = await Promise.all(['a', 'b'].map((name) => api.create(name, [], podsPath)));
  for (const pod of pods) await api.create(`of-${pod.metadata.name}`, [ownedBy(pod)]);
  await api.send('DELETE', podsPath, { propagationPolicy: 'Orphan', gracePeriodSeconds: 0 });
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['a', 'b']));
  await api.settled();
  for (const name of ['of-a', 'of-b']) expect((await api.metadata(name))?.ownerReferences).toBeUndefined();
});

test('what was asked for while nobody looked is done at the start', async () => {
  await using api = await withCollection({ loops: 0 });
  const names = ['background', 'foreground', 'orphan'] as const;
  for (const name of names) await api.create(`of-${name}`, [ownedBy(await api.create(name), blocking)]);
  await api.remove('background');
  await api.remove('foreground', { propagationPolicy: 'Foreground' });
  await api.remove('orphan', { propagationPolicy: 'Orphan' });
  api.start();
  await vi.waitFor(async () =>
    expect((await api.gone()).toSorted()).toEqual([
      'background',
      'foreground',
      'of-background',
      'of-foreground',
      'orphan',
    ]),
  );
  expect((await api.metadata('of-orphan'))?.ownerReferences).toBeUndefined();
});

test('what concerns no owner costs nothing', async () => {
  const read: string[] = [];
  const counting = (store: Store): Store => ({
    ...store,
    list(resource, options) {
      read.push(`list ${resource}`);
      return store.list(resource, options);
    },
    get(key) {
      read.push(`get ${key.name}`);
      return store.get(key);
    },
  });
  await using api = await withCollection({ loops: 0, through: counting });
  const owner = await api.create('owner');
  await api.create('a', [ownedBy(owner)]);
  await api.create('b');
  api.start();
  await api.settled();
  expect(read.filter((what) => what.startsWith('get'))).toEqual(['get last', 'get nobody']);
  read.length = 0;
  await api.create('c', [ownedBy(owner)]);
  for (const name of ['owner', 'a', 'b', 'c']) {
    await api.send('PATCH', `${configs}/${name}`, { metadata: { labels: { n: '1' } } }, merge);
  }
  await api.remove('b');
  await api.settled();
  expect(read).toEqual(['get last', 'get nobody']);
});

test('one that cannot be written holds up no other, and is told of', async () => {
  const failing = (store: Store): Store => ({
    ...store,
    update: (key, change, by) =>
      key.name === 'bad' ? Promise.reject(new Error('no space left')) : store.update(key, change, by),
  });
  await using api = await withCollection({ through: failing });
  await api.create('bad', [nobody]);
  await api.settled();
  expect(api.logged).toEqual([
    { err: new Error('no space left'), kind: 'ConfigMap', namespace: 'default', name: 'bad', againInMs: 1000 },
  ]);
});

test('what others wrote meanwhile is looked at again before it is deleted', async () => {
  let writes = 0;
  const owned = { ...nobody, uid: 'there' };
  const busy = (store: Store): Store => ({
    ...store,
    update: async (key, change, by) => {
      if (writes++ === 0) {
        await store.create({ ...key, name: 'nobody' }, { metadata: { name: 'nobody', uid: 'there' } }, 'client');
        const adopt = (object: KubeObject) => ({
          ...object,
          metadata: { ...object.metadata, ownerReferences: [owned] },
        });
        await store.update(key, (object) => adopt(object as KubeObject), 'client');
      }
      return store.update(key, change, by);
    },
  });
  await using api = await withCollection({ through: busy });
  await api.create('a', [nobody]);
  await vi.waitFor(async () => expect((await api.metadata('a'))?.ownerReferences).toEqual([owned]));
  await api.create('b', [{ ...nobody, name: 'other' }]);
  await vi.waitFor(async () => expect(await api.gone()).toEqual(['b']));
  expect(await api.isThere('a')).toBe(true);
});
