import { expect, test } from 'vitest';
import type { StartResult } from '../pod/contract.ts';
import { Turns } from './turns.ts';

const STARTED: StartResult = { outcome: 'started', id: 'sim://1', imageId: 'i', image: 'i', startedAt: '' };

test('a step is waited for, whether it has begun or is about to', async () => {
  const turns = new Turns();
  const early = turns.after('uid', 'a');
  const given = await turns.take('uid', 'a', async () => STARTED);
  expect([given, await early, await turns.after('uid', 'a')]).toEqual([STARTED, STARTED, STARTED]);
});

test('a step that broke off has no result, and its error is for who took it', async () => {
  const turns = new Turns();
  const after = turns.after('uid', 'a');
  const taken = turns.take('uid', 'a', async () => {
    throw new Error('the runtime is away');
  });
  await expect(taken).rejects.toThrow('the runtime is away');
  expect(await after).toBeUndefined();
});

test('of a step that nobody does, or of another Pod, nothing comes', async () => {
  const turns = new Turns();
  await turns.take('other', 'a', async () => STARTED);
  expect(await turns.after('uid', 'a')).toBeUndefined();
});

test('a step done again is known by its newest result', async () => {
  const turns = new Turns();
  await turns.take('uid', 'a', async () => ({ outcome: 'image-missing' }));
  await turns.take('uid', 'a', async () => STARTED);
  expect(await turns.after('uid', 'a')).toEqual(STARTED);
});
