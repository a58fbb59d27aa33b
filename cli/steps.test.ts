import { expect, test } from 'vitest';
import { createSteps, seconds } from './steps.ts';

test('times read well', () => {
  expect([4, 99, 100, 3140, 9999, 74_400].map(seconds)).toEqual([
    '0.00 s',
    '0.10 s',
    '0.1 s',
    '3.1 s',
    '10.0 s',
    '74 s',
  ]);
});

test('a step is one line with its time, also when it fails', async () => {
  let text = '';
  const steps = createSteps({ write: (more: string) => (text += more) });
  await steps.step(
    'store',
    async () => 7,
    (n) => `${n} objects`,
  );
  await expect(steps.step('API', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  steps.say('done');
  expect(text.replaceAll(/[\d.]+ s/g, 'T')).toBe('store (7 objects) … T\nAPI … failed after T\ndone\n');
});

test('on a terminal the last line shows what is under way, also of several steps', async () => {
  let text = '';
  const steps = createSteps({ isTTY: true, write: (more: string) => (text += more) });
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const both = Promise.all([steps.step('a', () => first.promise), steps.step('b', () => second.promise)]);
  steps.say('note');
  second.resolve();
  await second.promise;
  first.resolve();
  await both;
  const plain = text.replaceAll(/[\d.]+ s/g, 'T').split('\r\x1b[2K');
  expect(plain).toEqual(['', 'a …', 'a, b …', 'note\na, b …', 'b … T\na …', 'a … T\n']);
});
