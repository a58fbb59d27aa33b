import { afterEach, expect, test, vi } from 'vitest';
import { Retrying } from './retrying.ts';

afterEach(() => void vi.useRealTimers());

test('what fails waits longer each time, at most a minute, and holds up nothing else', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let broken = true;
  const done: string[] = [];
  const waits: [string, number][] = [];
  const work = new Retrying(
    async (name) => {
      if (broken && name === 'bad') throw new Error('no');
      done.push(name);
    },
    (name, _, waitMs) => void waits.push([name, waitMs]),
  );
  for (let second = 0; second < 200; second++) {
    await work.attend('bad');
    vi.advanceTimersByTime(1000);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => ['bad', seconds * 1000]));
  await work.attend('good');
  broken = false;
  await work.attend('bad');
  vi.advanceTimersByTime(60_000);
  await work.attend('bad');
  await work.attend('bad');
  expect(done).toEqual(['good', 'bad', 'bad']);
});
