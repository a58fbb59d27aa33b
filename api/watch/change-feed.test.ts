import { expect, test } from 'vitest';
import { Compacted, type Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite.ts';
import { ChangeFeed } from './change-feed.ts';

const write = (store: Store, i: number) => {
  const name = `o${i}`;
  return store.create({ resource: 'things', namespace: '', name }, { metadata: { name } }, 'client');
};

/** Revisions told until `last` is reached. */
async function follow(feed: ChangeFeed, since: number, last: number): Promise<number[]> {
  const stop = new AbortController();
  const told: number[] = [];
  for await (const { changes, revision } of feed.follow(since, { signal: stop.signal, idleMs: 1000 })) {
    told.push(...changes.map((change) => change.revision));
    if (revision >= last) break;
  }
  stop.abort();
  return told;
}

const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i + 1);

test('followers see everything once, in order, wherever they start', async () => {
  const store = openSqliteStore(':memory:');
  const feed = new ChangeFeed(store);
  for (let i = 1; i <= 150; i++) await write(store, i);
  const early = follow(feed, 0, 300);
  const middle = follow(feed, 75, 300);
  const now = follow(feed, 150, 300);
  for (let i = 151; i <= 300; i++) await write(store, i);
  expect(await early).toEqual(upTo(0, 300));
  expect(await middle).toEqual(upTo(75, 300));
  expect(await now).toEqual(upTo(150, 300));
  await store.close();
});

test('a follower that falls behind the window catches up from the store', async () => {
  const store = openSqliteStore(':memory:');
  const feed = new ChangeFeed(store);
  const stop = new AbortController();
  const slow = feed.follow(0, { signal: stop.signal, idleMs: 1000 });
  const other = follow(feed, 0, 2500);
  await write(store, 1);
  const first = await slow.next();
  for (let i = 2; i <= 2500; i++) await write(store, i);
  await other;
  const told = first.value!.changes.map((change) => change.revision);
  for await (const { changes, revision } of slow) {
    told.push(...changes.map((change) => change.revision));
    if (revision >= 2500) break;
  }
  expect(told).toEqual(upTo(0, 2500));
  await store.close();
});

test('says how far it is when nothing happens, and ends when told', async () => {
  const store = openSqliteStore(':memory:');
  await write(store, 1);
  const stop = new AbortController();
  const batches = new ChangeFeed(store).follow(1, { signal: stop.signal, idleMs: 5 });
  expect((await batches.next()).value).toEqual({ changes: [], revision: 1 });
  const last = batches.next();
  stop.abort();
  expect(await last).toEqual({ value: undefined, done: true });
  await store.close();
});

test('history that is gone, and a store that fails, are told', async () => {
  const store = openSqliteStore(':memory:');
  const feed = new ChangeFeed(store);
  for (let i = 1; i <= 3; i++) await write(store, i);
  await store.compact(2);
  await expect(follow(feed, 0, 3)).rejects.toThrow(Compacted);
  const failing: Store = {
    ...store,
    // biome-ignore lint/correctness/useYield: it fails before its first change
    async *watch() {
      throw new Error('disk');
    },
  };
  await expect(follow(new ChangeFeed(failing), 3, 4)).rejects.toThrow('disk');
  await store.close();
});
