import { describe, expect, test } from 'vitest';
import { firstDelay, nextDue, periodOf } from './schedule.ts';

test.each([
  ['the default', {}, undefined, 10_000],
  ["the probe's own", { periodSeconds: 3 }, undefined, 3000],
  ["the annotation's", { periodSeconds: 3 }, 250, 250],
])('period: %s', (_, probe, periodMs, expected) => {
  expect(periodOf(probe, periodMs)).toBe(expected);
});

describe('delay before the first probe', () => {
  const base = {
    now: 100_000,
    containerStartedAt: 100_000,
    proberStartedAt: 0,
    initialDelaySeconds: 0,
    periodMs: 10_000,
    random: 0.5,
  };
  test.each([
    ['none', {}, 0],
    ['the whole initial delay', { initialDelaySeconds: 7 }, 7000],
    ['what is left of the initial delay', { containerStartedAt: 98_000, initialDelaySeconds: 7 }, 5000],
    ['the initial delay is over', { containerStartedAt: 50_000, initialDelaySeconds: 7 }, 0],
    ['the prober has just restarted', { containerStartedAt: 50_000, proberStartedAt: 99_000 }, 5000],
    ['the prober has just started, the container too', { containerStartedAt: 99_500, proberStartedAt: 99_000 }, 0],
    ['the prober restarted a period ago', { containerStartedAt: 50_000, proberStartedAt: 90_000 }, 0],
    [
      'after a restart the longer of the two counts',
      { containerStartedAt: 98_000, proberStartedAt: 99_000, initialDelaySeconds: 9 },
      7000,
    ],
  ])('%s', (_, change, expected) => {
    expect(firstDelay({ ...base, ...change })).toBe(expected);
  });
});

test.each([
  ['a quick probe', 35, 1100],
  ['one that took exactly a period', 100, 1100],
  ['one that took longer is followed at once', 170, 1100],
  ['missed beats are dropped, the beat is kept', 470, 1400],
])('next probe after %s', (_, took, expected) => {
  expect(nextDue(1000, 100, 1000 + took)).toBe(expected);
});
