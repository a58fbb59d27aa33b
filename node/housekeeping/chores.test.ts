import { expect, test } from 'vitest';
import { doChores } from './chores.ts';

test('each at once and at its pace; the same failure is logged once, until it works again', async () => {
  const stop = new AbortController();
  const done = { often: 0, seldom: 0 };
  const logged: object[] = [];
  const often = async () => {
    done.often++;
    if (done.often === 8) stop.abort();
    if (done.often !== 4) throw new Error('away');
  };
  const chores = [
    { name: 'often', everyMs: 1, run: often },
    { name: 'seldom', everyMs: 60_000, run: async () => void done.seldom++ },
  ];
  await doChores(chores, { warn: (fields) => void logged.push(fields) }, stop.signal);
  expect(done).toEqual({ often: 8, seldom: 1 });
  expect(logged).toEqual([
    { chore: 'often', error: 'away' },
    { chore: 'often', error: 'away' },
  ]);
});
