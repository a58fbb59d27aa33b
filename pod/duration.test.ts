import { expect, test } from 'vitest';
import { ageOf, humanDuration } from './duration.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

test.each([
  [-3 * S, '<invalid>'],
  [-1900, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [3 * M + 20 * S, '3m20s'],
  [10 * M + 5 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [3 * H + 4 * M, '3h4m'],
  [8 * H + 5 * M, '8h'],
  [47 * H, '47h'],
  [48 * H, '2d'],
  [50 * H, '2d2h'],
  [8 * D + H, '8d'],
  [729 * D, '729d'],
  [730 * D, '2y'],
  [740 * D, '2y10d'],
  [8 * 365 * D + D, '8y'],
])('%i ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text));

test('age', () => {
  const now = Date.parse('2026-01-01T00:05:00Z');
  expect(['2026-01-01T00:00:00Z', undefined, null, 'x'].map((time) => ageOf(time, now))).toEqual([
    '5m',
    '<unknown>',
    '<unknown>',
    '<unknown>',
  ]);
});
