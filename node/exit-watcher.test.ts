import { expect, test } from 'vitest';
import { ExitWatcher, type ExitWatcherOptions } from './exit-watcher.ts';

test('a claim for longer than a timer can count waits all the same', async () => {
  const journal = { get: () => undefined } as unknown as ExitWatcherOptions['journal'];
  const watcher = new ExitWatcher({ journal } as ExitWatcherOptions);
  const end = new AbortController();
  const claim = watcher.claim('c1', 2 ** 31, end.signal).then(() => 'over');
  const soon = new Promise((resolve) => setTimeout(() => resolve('waits'), 20));
  expect(await Promise.race([claim, soon])).toBe('waits');
  end.abort();
  expect(await claim).toBe('over');
});
