/** What every store must do, whatever it keeps its objects in. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AlreadyExists,
  type Change,
  Compacted,
  DELETE,
  type Key,
  NotFound,
  type Store,
  type StoredObject,
} from './port.ts';

/** One empty database; each `open` is a store on it, as another process would have. */
export interface TestDatabase {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const key = (name: string, namespace = 'default', resource = 'pods'): Key => ({ resource, namespace, name });
const pod = (name: string, fields: Record<string, unknown> = {}): StoredObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  ...fields,
});
const stamped = (object: StoredObject, revision: number): StoredObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
});
const names = (items: StoredObject[]) => items.map((item) => item.metadata.name);
const setImage = (image: string) => (current: StoredObject) => ({ ...current, image });

/** The first `count` changes of a watch. */
async function take(store: Store, count: number, options: Parameters<Store['watch']>[0]): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of store.watch(options)) if (changes.push(change) === count) break;
  return changes;
}

export function storeSuite(name: string, create: () => Promise<TestDatabase>) {
  describe(`${name} store`, () => {
    let database: TestDatabase;
    let store: Store;
    const opened: Store[] = [];
    const open = async () => {
      const another = await database.open();
      opened.push(another);
      return another;
    };

    beforeEach(async () => {
      database = await create();
      store = await open();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()));
      await database.remove();
    });

    describe('objects', () => {
      test('are stored, stamped, changed and deleted, a revision each', async () => {
        expect(await store.revision()).toBe(0);
        const given = pod('a', { image: 'one' });
        expect(await store.create(key('a'), given, 'client')).toEqual(stamped(given, 1));
        expect(given).toEqual(pod('a', { image: 'one' }));
        expect(await store.get(key('a'))).toEqual(stamped(given, 1));
        expect(await store.update(key('a'), setImage('two'), 'client')).toEqual(stamped(pod('a', { image: 'two' }), 2));
        expect(await store.get(key('a'))).toEqual(stamped(pod('a', { image: 'two' }), 2));
        expect(await store.update(key('a'), () => DELETE, 'client')).toEqual(stamped(pod('a', { image: 'two' }), 3));
        expect(await store.get(key('a'))).toBeUndefined();
        expect(await store.revision()).toBe(3);
      });

      test('keep any text, in names and in fields', async () => {
        const odd = pod('é', { text: '\u0000 \ud800 \u{1f980} \' " \\ $1 ?', list: [1.5, null, true, { a: {} }] });
        await store.create(key('é', ''), odd, 'client');
        expect(await store.get(key('é', ''))).toEqual(stamped(odd, 1));
      });

      test('a taken key is refused and writes nothing', async () => {
        await store.create(key('a'), pod('a'), 'client');
        await expect(store.create(key('a'), pod('a', { image: 'other' }), 'client')).rejects.toThrow(AlreadyExists);
        await store.create(key('a', 'other'), pod('a'), 'client');
        await store.create(key('a', 'default', 'secrets'), pod('a'), 'client');
        expect(await store.get(key('a'))).toEqual(stamped(pod('a'), 1));
        expect(await store.revision()).toBe(3);
      });

      test('one of many parallel creates wins', async () => {
        const other = await open();
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, (_, i) => (i % 2 ? store : other).create(key('a'), pod('a', { i }), 'client')),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await store.revision()).toBe(1);
      });

      test('what is not there cannot be updated', async () => {
        await expect(store.update(key('a'), () => DELETE, 'client')).rejects.toThrow(NotFound);
        expect(await store.get(key('a'))).toBeUndefined();
        expect(await store.revision()).toBe(0);
      });

      test('a change that changes nothing keeps the revision', async () => {
        await store.create(key('a'), pod('a', { image: 'one', port: 1 }), 'client');
        const before = await store.get(key('a'));
        expect(await store.update(key('a'), () => undefined, 'client')).toEqual(before);
        expect(await store.update(key('a'), (current) => structuredClone(current), 'client')).toEqual(before);
        const reordered = { port: 1, image: 'one', more: undefined, ...pod('a') };
        expect(await store.update(key('a'), () => reordered, 'client')).toEqual(before);
        expect(await store.revision()).toBe(1);
      });

      test('a change made in place is seen as one', async () => {
        await store.create(key('a'), pod('a', { image: 'one' }), 'client');
        const inPlace = (current: StoredObject) => Object.assign(current, { image: 'two' });
        expect(await store.update(key('a'), inPlace, 'client')).toEqual(stamped(pod('a', { image: 'two' }), 2));
      });

      test('a change that throws writes nothing and leaves the store usable', async () => {
        await store.create(key('a'), pod('a'), 'client');
        const refuse = () => {
          throw new Error('refused');
        };
        await expect(store.update(key('a'), refuse, 'client')).rejects.toThrow('refused');
        expect(await store.update(key('a'), setImage('two'), 'client')).toEqual(stamped(pod('a', { image: 'two' }), 2));
      });

      test('parallel updates lose nothing', async () => {
        const other = await open();
        await store.create(key('a'), pod('a', { seen: [] }), 'client');
        const add = (i: number) => (current: StoredObject) => ({ ...current, seen: [...current.seen, i] });
        const numbers = Array.from({ length: 50 }, (_, i) => i);
        await Promise.all(numbers.map((i) => (i % 2 ? store : other).update(key('a'), add(i), 'client')));
        const { seen, metadata } = (await store.get(key('a')))!;
        expect(seen.toSorted((a: number, b: number) => a - b)).toEqual(numbers);
        expect(metadata.resourceVersion).toBe('51');
      });

      test('stay when the store is opened again', async () => {
        await store.create(key('a'), pod('a'), 'workflow');
        await store.saveCursor('dispatcher', 1);
        await opened.pop()!.close();
        store = await open();
        expect(await store.get(key('a'))).toEqual(stamped(pod('a'), 1));
        expect(await store.revision()).toBe(1);
        expect(await store.cursor('dispatcher')).toBe(1);
        expect(await take(store, 1, { since: 0 })).toEqual([
          { revision: 1, type: 'ADDED', key: key('a'), by: 'workflow', object: stamped(pod('a'), 1) },
        ]);
      });
    });

    describe('list', () => {
      beforeEach(async () => {
        for (const [namespace, name] of [
          ['b', 'x'],
          ['a', 'z'],
          ['a', 'B'],
          ['a', 'a-1'],
          ['a', 'a'],
        ] as const)
          await store.create(key(name, namespace), pod(name), 'client');
        await store.create(key('s', 'a', 'secrets'), pod('s'), 'client');
      });

      test('is ordered by namespace and name, by their bytes', async () => {
        const { items, revision, more } = await store.list('pods');
        expect({ names: names(items), revision, more }).toEqual({
          names: ['B', 'a', 'a-1', 'z', 'x'],
          revision: 6,
          more: false,
        });
        expect(items[0]).toEqual(stamped(pod('B'), 3));
      });

      test('knows resources and namespaces', async () => {
        expect(names((await store.list('pods', { namespace: 'b' })).items)).toEqual(['x']);
        expect(names((await store.list('secrets')).items)).toEqual(['s']);
        expect(await store.list('pods', { namespace: 'none' })).toEqual({ items: [], revision: 6, more: false });
      });

      test('pages show one moment whatever is written between them', async () => {
        const first = await store.list('pods', { limit: 2 });
        expect({ ...first, items: names(first.items) }).toEqual({ items: ['B', 'a'], revision: 6, more: true });
        await store.update(key('z', 'a'), setImage('new'), 'client');
        await store.update(key('z', 'a'), setImage('newer'), 'client');
        await store.update(key('x', 'b'), () => DELETE, 'client');
        await store.create(key('x', 'b'), pod('x', { again: true }), 'client');
        await store.update(key('B', 'a'), () => DELETE, 'client');
        await store.create(key('b', 'a'), pod('b'), 'client');
        const at = { revision: first.revision, limit: 2 };
        const second = await store.list('pods', { ...at, after: { namespace: 'a', name: 'a' } });
        expect(second).toEqual({ items: [stamped(pod('a-1'), 4), stamped(pod('z'), 2)], revision: 6, more: true });
        const third = await store.list('pods', { ...at, after: { namespace: 'a', name: 'z' } });
        expect(third).toEqual({ items: [stamped(pod('x'), 1)], revision: 6, more: false });
        expect(names((await store.list('pods')).items)).toEqual(['a', 'a-1', 'b', 'z', 'x']);
        expect(names((await store.list('pods', { namespace: 'a', revision: 4 })).items)).toEqual(['B', 'a-1', 'z']);
      });

      test('of a compacted revision, or of one not yet given, is refused', async () => {
        await store.compact(3);
        expect(names((await store.list('pods', { revision: 3 })).items)).toEqual(['B', 'z', 'x']);
        await expect(store.list('pods', { revision: 2 })).rejects.toThrow(Compacted);
        await expect(store.list('pods', { revision: 7 })).rejects.toThrow(Compacted);
      });
    });

    describe('watch', () => {
      test('tells each change with what was before', async () => {
        await store.create(key('a'), pod('a'), 'client');
        await store.update(key('a'), setImage('two'), 'workflow');
        await store.update(key('a'), () => DELETE, 'client');
        const [first, second] = [stamped(pod('a'), 1), stamped(pod('a', { image: 'two' }), 2)];
        const changes: Change[] = [
          { revision: 1, type: 'ADDED', key: key('a'), by: 'client', object: first },
          { revision: 2, type: 'MODIFIED', key: key('a'), by: 'workflow', object: second, previous: first },
          { revision: 3, type: 'DELETED', key: key('a'), by: 'client', object: stamped(second, 3) },
        ];
        expect(await take(store, 3, { since: 0 })).toEqual(changes);
        expect(await take(store, 1, { since: 2 })).toEqual(changes.slice(2));
      });

      test('keeps to resources and a namespace', async () => {
        const writes = [key('a'), key('b', 'other'), key('c', 'default', 'secrets'), key('d', '', 'nodes'), key('e')];
        for (const each of writes) await store.create(each, pod(each.name), 'client');
        const seen = async (count: number, options: object) =>
          (await take(store, count, { since: 0, ...options })).map((change) => change.key.name);
        expect(await seen(3, { resources: ['pods'] })).toEqual(['a', 'b', 'e']);
        expect(await seen(2, { resources: ['pods'], namespace: 'default' })).toEqual(['a', 'e']);
        expect(await seen(2, { resources: ['secrets', 'nodes'] })).toEqual(['c', 'd']);
        expect(await seen(3, { namespace: 'default' })).toEqual(['a', 'c', 'e']);
      });

      test('hears of writes of this store and of another one, soon', async () => {
        const other = await open();
        const watching = take(store, 2, { since: 0, resources: ['pods'] });
        await new Promise((resolve) => setTimeout(resolve, 50));
        const start = performance.now();
        await other.create(key('s', 'default', 'secrets'), pod('s'), 'client');
        await other.create(key('a'), pod('a'), 'client');
        await store.create(key('b'), pod('b'), 'client');
        expect((await watching).map(({ revision }) => revision)).toEqual([2, 3]);
        expect(performance.now() - start).toBeLessThan(2000);
      });

      test('is in order and whole while several stores write', async () => {
        const stores = [store, await open(), await open()];
        const total = 240;
        const watches = stores.map((each) => take(each, total, { since: 0 }));
        await Promise.all(
          Array.from({ length: total }, (_, i) => stores[i % 3]!.create(key(`p${i}`), pod(`p${i}`), 'client')),
        );
        const revisions = Array.from({ length: total }, (_, i) => i + 1);
        for (const changes of await Promise.all(watches))
          expect(changes.map(({ revision }) => revision)).toEqual(revisions);
      });

      test('goes through more than it holds at once', async () => {
        for (let i = 0; i < 450; i++) await store.create(key(`p${i}`), pod(`p${i}`), 'client');
        const changes = await take(store, 450, { since: 0 });
        expect(changes.map(({ revision }) => revision)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
      });

      test('ends when aborted: before, while waiting, and between changes', async () => {
        await expect(take(store, 1, { since: 0, signal: AbortSignal.abort() })).resolves.toEqual([]);
        await expect(take(store, 1, { since: 0, signal: AbortSignal.timeout(30) })).resolves.toEqual([]);
        await store.create(key('a'), pod('a'), 'client');
        await store.create(key('b'), pod('b'), 'client');
        const abort = new AbortController();
        const seen: number[] = [];
        for await (const { revision } of store.watch({ since: 0, signal: abort.signal })) {
          seen.push(revision);
          abort.abort();
        }
        expect(seen).toEqual([1]);
      });

      test('ends when the store is closed', async () => {
        const watching = take(store, 1, { since: 0 });
        await new Promise((resolve) => setTimeout(resolve, 20));
        await opened.pop()!.close();
        expect(await watching).toEqual([]);
        store = await open();
        await store.create(key('a'), pod('a'), 'client');
        const seen: number[] = [];
        for await (const { revision } of store.watch({ since: 0 })) {
          seen.push(revision);
          await opened.pop()!.close();
        }
        expect(seen).toEqual([1]);
      });

      test('from a compacted revision, or from one not yet given, is refused', async () => {
        for (const name of ['a', 'b', 'c']) await store.create(key(name), pod(name), 'client');
        await store.compact(2);
        await expect(take(store, 1, { since: 1 })).rejects.toThrow(Compacted);
        await expect(take(store, 1, { since: 4 })).rejects.toThrow(Compacted);
        expect((await take(store, 1, { since: 2 })).map(({ revision }) => revision)).toEqual([3]);
      });

      test('that fell behind compaction is told so', async () => {
        const watch = store.watch({ since: 0 })[Symbol.asyncIterator]();
        await store.create(key('a'), pod('a'), 'client');
        expect((await watch.next()).value.revision).toBe(1);
        for (const name of ['b', 'c']) await store.create(key(name), pod(name), 'client');
        await store.compact(3);
        await expect(watch.next()).rejects.toThrow(Compacted);
      });

      test('of no resource at all is a mistake', async () => {
        await expect(take(store, 1, { since: 0, resources: [] })).rejects.toThrow('at least one resource');
      });
    });

    describe('compaction and cursors', () => {
      test('compaction forgets history and keeps objects', async () => {
        for (const name of ['a', 'b', 'c']) await store.create(key(name), pod(name), 'client');
        expect(await store.compacted()).toBe(0);
        await store.compact(2);
        await store.compact(1);
        expect(await store.compacted()).toBe(2);
        await store.compact(99);
        expect(await store.compacted()).toBe(3);
        expect(await store.revision()).toBe(3);
        expect(names((await store.list('pods')).items)).toEqual(['a', 'b', 'c']);
        expect(await store.update(key('a'), setImage('two'), 'client')).toEqual(stamped(pod('a', { image: 'two' }), 4));
      });

      test('compacts more than one transaction takes', async () => {
        await store.create(key('a'), pod('a', { i: -1 }), 'client');
        for (let i = 0; i < 1200; i++) await store.update(key('a'), (current) => ({ ...current, i }), 'client');
        await store.compact(1150);
        expect(await store.compacted()).toBe(1150);
        expect((await take(store, 51, { since: 1150 })).at(-1)!.object.i).toBe(1199);
      });

      test('a cursor is a name and a revision', async () => {
        expect(await store.cursor('dispatcher')).toBe(0);
        expect(await store.cursors()).toEqual({});
        await store.saveCursor('dispatcher', 5);
        await store.saveCursor('dispatcher', 7);
        await store.saveCursor('audit', 2);
        expect(await store.cursor('dispatcher')).toBe(7);
        expect(await (await open()).cursors()).toEqual({ audit: 2, dispatcher: 7 });
      });
    });
  });
}
