import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atMost } from './at-most.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, 'done'));

test.each([
  [99, 'done'],
  [101, undefined],
])('of 100 ms a promise takes %i: %s', async (ms, expected) => {
  const result = atMost(100, after(ms));
  await vi.advanceTimersByTimeAsync(100);
  expect(await result).toBe(expected);
  await vi.advanceTimersByTimeAsync(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a failure in time is a failure, and no timer is left', async () => {
  await expect(atMost(100, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});
