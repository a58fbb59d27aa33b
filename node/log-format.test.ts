import { describe, expect, test } from 'vitest';
import { parseHead, toNanoseconds, withNanoseconds } from './log-format.ts';

const time = '2026-03-04T05:06:07.123456789Z';

describe('parseHead', () => {
  test.each([
    [`${time} stdout F hello\n`, { time, stream: 'stdout', partial: false, length: 40 }],
    [`${time} stderr P hel`, { time, stream: 'stderr', partial: true, length: 40 }],
    [`${time} stdout F:tag \n`, { time, stream: 'stdout', partial: false, length: 44 }],
    [
      '2026-03-04T05:06:07+01:00 stdout F x\n',
      { time: '2026-03-04T05:06:07+01:00', stream: 'stdout', partial: false, length: 35 },
    ],
    [`${time} stdout`, 'incomplete'],
    ['', 'incomplete'],
    [`${time} stdlog F hello\n`, 'malformed'],
    ['\n', 'malformed'],
    ['x'.repeat(200), 'malformed'],
  ])('%j', (text, head) => {
    expect(parseHead(Buffer.from(text))).toEqual(head);
  });
});

test('times with a zone and any number of digits compare by nanoseconds', () => {
  const second = 1_772_600_767_000_000_000n;
  expect(toNanoseconds('2026-03-04T05:06:07Z')).toBe(second);
  expect(toNanoseconds('2026-03-04T06:06:07.5+01:00')).toBe(second + 500_000_000n);
  expect(toNanoseconds(time)).toBe(second + 123_456_789n);
  expect(() => toNanoseconds('yesterday')).toThrow(RangeError);
});

test.each([
  ['2026-03-04T05:06:07Z', '2026-03-04T05:06:07.000000000Z'],
  ['2026-03-04T05:06:07.12+01:00', '2026-03-04T05:06:07.120000000+01:00'],
  [time, time],
])('%s is shown as %s', (written, shown) => {
  expect(withNanoseconds(written)).toBe(shown);
});
