import { expect, test, vi } from 'vitest';
import { compactionTarget, startCompactor } from './compactor.ts';
import { openSqliteStore } from './sqlite.ts';

const retention = { revisions: 100, age: 60_000, atMost: 1000 };
const base = { newest: 500, aged: 450, cursors: [480] };

test.each([
  ['keeps the newest revisions, however old', {}, 400],
  ['keeps the young ones as well', { aged: 300 }, 300],
  ['but not without bound', { newest: 5000, aged: 300, cursors: [] }, 4000],
  ['never passes the slowest cursor', { cursors: [480, 20] }, 20],
  ['not even when there is too much', { newest: 5000, cursors: [450] }, 450],
  ['a cursor at 0 holds everything', { cursors: [0] }, 0],
  ['without cursors all of them are nobody’s', { cursors: [] }, 400],
  ['of a short log nothing is compacted', { newest: 50, aged: 50 }, 0],
])('%s', (_, change, target) => {
  expect(compactionTarget({ ...base, ...change }, retention)).toBe(target);
});

test('compacts from time to time, and no more once stopped', async () => {
  vi.useFakeTimers();
  const store = openSqliteStore(':memory:');
  const write = async (count: number) => {
    for (let i = 0; i < count; i++)
      await store.create({ resource: 'pods', namespace: '', name: crypto.randomUUID() }, { metadata: {} }, 'client');
  };
  const errors: unknown[] = [];
  const stop = startCompactor(store, {
    retention: { revisions: 10, age: 60_000, atMost: 1000 },
    every: 10_000,
    onError: (error) => errors.push(error),
  });
  await write(50);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(await store.compacted()).toBe(0);
  await write(50);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(await store.compacted()).toBe(50);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await store.compacted()).toBe(90);
  await stop();
  await write(50);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(await store.compacted()).toBe(90);
  expect(errors).toEqual([]);
  await store.close();
  vi.useRealTimers();
});

test('a failed round is reported and the next one comes', async () => {
  vi.useFakeTimers();
  const store = openSqliteStore(':memory:');
  await store.close();
  const errors: unknown[] = [];
  const stop = startCompactor(store, { every: 1000, onError: (error) => errors.push(error) });
  await vi.advanceTimersByTimeAsync(2500);
  await stop();
  vi.useRealTimers();
  expect(errors).toHaveLength(2);
});
