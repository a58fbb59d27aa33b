import { describe, expect, test } from 'vitest';
import {
  type Backoff,
  goDuration,
  type NextTry,
  probeRestartBackoff,
  restartBackoff,
  retryBackoff,
} from './backoff.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const END = 1_000 * MINUTE;
const NONE: Backoff = { backoffMs: 0, backoffAt: 0 };
/** A back-off of so long, last lengthened so long before the end. */
const backoff = (backoffMs: number, ago = 0): Backoff => ({ backoffMs, backoffAt: END - ago });
/** The next try so long after the end, which is also when the back-off was lengthened. */
const next = (backoffMs: number, wait: number): NextTry => ({
  backoffMs,
  backoffAt: END + wait,
  retryAt: END + wait,
});

test.each<[string, Backoff, NextTry]>([
  ['the first restart is immediate', NONE, next(10 * SECOND, 0)],
  ['the second waits', backoff(10 * SECOND), next(20 * SECOND, 10 * SECOND)],
  ['then twice as long', backoff(20 * SECOND), next(40 * SECOND, 20 * SECOND)],
  ['up to the maximum', backoff(160 * SECOND), next(300 * SECOND, 160 * SECOND)],
  ['and not beyond', backoff(300 * SECOND), next(300 * SECOND, 300 * SECOND)],
  [
    'what it ran for less than ten minutes does not count',
    backoff(300 * SECOND, 10 * MINUTE),
    next(300 * SECOND, 300 * SECOND),
  ],
  ['after more than that all is forgotten', backoff(300 * SECOND, 10 * MINUTE + 1), next(10 * SECOND, 0)],
])('a container that ended: %s', (_, current, expected) => {
  expect(restartBackoff(current, END)).toEqual(expected);
});

test('restarts of one that ends as soon as it runs', () => {
  let current: Backoff = NONE;
  let at = END;
  const waits = Array.from({ length: 8 }, () => {
    const { retryAt, ...lengthened } = restartBackoff(current, at);
    const wait = (retryAt - at) / SECOND;
    current = lengthened;
    at = retryAt;
    return wait;
  });
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
});

describe('a container that is ended for its probe', () => {
  test.each<[string, Backoff, number | undefined, NextTry]>([
    ['starts at once the first time, with no back-off', NONE, undefined, { ...NONE, retryAt: END }],
    [
      'leaves one as it is that an earlier life left',
      backoff(40 * SECOND, MINUTE),
      undefined,
      { ...backoff(40 * SECOND, MINUTE), retryAt: END },
    ],
    ['starts at once the second time, which counts', NONE, 5 * SECOND, next(10 * SECOND, 0)],
    ['waits the third time', backoff(10 * SECOND), 5 * SECOND, next(20 * SECOND, 10 * SECOND)],
    [
      'starts at once when it lived as long as its back-off',
      backoff(10 * SECOND, 10 * SECOND),
      10 * SECOND,
      next(20 * SECOND, 0),
    ],
    [
      'waits when it lived a little less',
      backoff(10 * SECOND, 10 * SECOND),
      10 * SECOND - 1,
      next(20 * SECOND, 10 * SECOND),
    ],
    [
      'knows only of the end before when it forgets',
      backoff(300 * SECOND, 11 * MINUTE),
      11 * MINUTE,
      next(300 * SECOND, 0),
    ],
  ])('%s', (_, current, lastEndedAgo, expected) => {
    const lastEndedAt = lastEndedAgo === undefined ? undefined : END - lastEndedAgo;
    expect(probeRestartBackoff(current, lastEndedAt, END)).toEqual(expected);
  });
});

test.each<[string, Backoff, number | undefined, Pick<NextTry, 'backoffMs'>]>([
  ['the first wait is the initial one', NONE, undefined, { backoffMs: 10 * SECOND }],
  ['or the one given', NONE, SECOND, { backoffMs: SECOND }],
  ['then twice as long', backoff(SECOND, SECOND), SECOND, { backoffMs: 2 * SECOND }],
  ['up to the maximum', backoff(200 * SECOND, 200 * SECOND), undefined, { backoffMs: 300 * SECOND }],
  ['and never forgotten', backoff(300 * SECOND, 60 * MINUTE), undefined, { backoffMs: 300 * SECOND }],
])('what failed before anything ran: %s', (_, current, initial, { backoffMs }) => {
  expect(retryBackoff(current, END, initial)).toEqual({ backoffMs, backoffAt: END, retryAt: END + backoffMs });
});

test.each<[number, string]>([
  [0, '0s'],
  [400, '0s'],
  [9_600, '10s'],
  [59_499, '59s'],
  [59_500, '1m0s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
  [3_600_000, '60m0s'],
])('%i ms as Go prints it', (ms, expected) => expect(goDuration(ms)).toBe(expected));
