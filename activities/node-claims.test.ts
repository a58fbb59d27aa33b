import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pod } from '../pod/types.ts';
import { type Change, DELETE, type Store, type StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { NodeClaims } from './node-claims.ts';

let store: Store;
beforeEach(() => {
  store = openSqliteStore(':memory:');
});
afterEach(() => store.close());

const key = { resource: 'pods', namespace: 'default', name: 'a' };
const pod = (more: object = {}) =>
  ({
    metadata: { namespace: 'default', name: 'a', uid: 'uid-a' },
    spec: { nodeName: 'box', containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
    status: { phase: 'Running', hostIP: '192.0.2.1' },
    ...more,
  }) as unknown as StoredObject;
const used = (claims: NodeClaims) => claims.exclusively(async () => claims.takenOn('box', '').amounts);

test('decisions are made one at a time; one that fails stops none', async () => {
  const claims = new NodeClaims(store);
  const order: string[] = [];
  const slow = claims.exclusively(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('slow');
    throw new Error('no');
  });
  const quick = claims.exclusively(async () => void order.push('quick'));
  await expect(slow).rejects.toThrow('no');
  await quick;
  expect(order).toEqual(['slow', 'quick']);
});

test('a Pod that goes while its room is decided on takes none', async () => {
  await store.create(key, pod({ status: {} }), 'client');
  const claims = new NodeClaims(store);
  await claims.exclusively(async () => {
    const read = (await store.get(key)) as unknown as Pod;
    await store.update(key, () => DELETE, 'client');
    await new Promise((resolve) => setTimeout(resolve, 50));
    claims.take(read);
  });
  expect(await used(claims)).toEqual({});
});

test('when the log ends all is read anew, and what is gone by then takes no room', async () => {
  await store.create(key, pod(), 'workflow');
  await store.create({ ...key, name: 'b' }, pod({ metadata: { uid: 'uid-b' } }), 'workflow');
  const ending = Promise.withResolvers<void>();
  let lists = 0;
  const claims = new NodeClaims({
    list: (resource) => {
      lists++;
      return store.list(resource);
    },
    async *watch(): AsyncGenerator<Change> {
      if (lists === 1) await ending.promise;
      else await new Promise(() => {});
    },
  });
  expect(await used(claims)).toEqual({ cpu: 2000, pods: 2 });
  await store.update(key, () => DELETE, 'client');
  ending.resolve();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([await used(claims), lists]).toEqual([{ cpu: 1000, pods: 1 }, 2]);
});
