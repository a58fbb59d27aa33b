import { pino } from 'pino';
import { expect, test } from 'vitest';
import { forPeople, openFile } from './log.ts';

test('a disk that is full is said once, and whoever logs goes on', async () => {
  const said: string[] = [];
  const file = openFile('/dev/full', { step: (_what, work) => work(), say: (line) => void said.push(line) });
  const logger = pino(file);
  for (let i = 0; i < 5_000; i++) logger.warn({ i }, 'a line that is longer than a few words');
  await new Promise(setImmediate);
  expect(said).toEqual([
    'warning: /dev/full cannot be written (ENOSPC: no space left on device, write): lines are lost',
  ]);
});

test('people read the message and its error', () => {
  expect([
    forPeople('{"level":40,"msg":"Temporal died","err":{"message":"its error"}}'),
    forPeople('{"level":50}'),
  ]).toEqual(['warning: Temporal died (its error)', 'error: something went wrong']);
});
