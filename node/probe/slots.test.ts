import { expect, onTestFinished, test, vi } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('at most so many run, the rest in their order', async () => {
  const slots = new Slots(2);
  const log: string[] = [];
  let running = 0;
  let most = 0;
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) =>
      slots.run(never, async () => {
        most = Math.max(most, ++running);
        log.push(name);
        await new Promise(setImmediate);
        running--;
      }),
    ),
  );
  expect({ log, most, running }).toEqual({ log: ['a', 'b', 'c', 'd', 'e'], most: 2, running: 0 });
});

test('who gives up waiting takes no slot, and a failure frees its slot', async () => {
  const slots = new Slots(1);
  const impatient = new AbortController();
  const first = slots.run(never, async () => {
    await new Promise(setImmediate);
    throw new Error('first');
  });
  const second = slots.run(impatient.signal, async () => 'second');
  const third = slots.run(never, async () => 'third');
  impatient.abort(new Error('gave up'));
  expect(await Promise.allSettled([first, second, third])).toEqual([
    { status: 'rejected', reason: new Error('first') },
    { status: 'rejected', reason: new Error('gave up') },
    { status: 'fulfilled', value: 'third' },
  ]);
  expect(await slots.run(never, async () => 'free again')).toBe('free again');
});

test('what takes longer than a slot is held goes on without it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const slots = new Slots(1, 500);
  const log: string[] = [];
  const act = (name: string, ms: number) =>
    slots.run(never, async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      log.push(`${name} ends`);
    });
  const all = Promise.all([act('long', 900), act('short', 100), act('last', 100)]);
  await vi.advanceTimersByTimeAsync(599);
  expect(log).toEqual(['long begins', 'short begins']);
  await vi.advanceTimersByTimeAsync(301);
  await all;
  expect(log.slice(2)).toEqual(['short ends', 'last begins', 'last ends', 'long ends']);
  expect(vi.getTimerCount()).toBe(0);
});
