import { describe, expect, test } from 'vitest';
import { LogFilter, type LogFilterOptions } from './log-filter.ts';
import { toNanoseconds } from './log-format.ts';

const at = (second: number) => `2026-03-04T05:06:0${second}.5Z`;
const shown = (second: number) => `2026-03-04T05:06:0${second}.500000000Z`;

const plain = [`${at(1)} stdout F one\n`, `${at(2)} stderr F two\n`, `${at(3)} stdout F \n`].join('');
const partial = [`${at(1)} stdout P on`, `\n${at(2)} stdout P e-an`, `\n${at(3)} stdout F d-two\n`].join('');
const mixed = `${at(1)} stdout P on\n${at(2)} stderr F two\n${at(3)} stdout F e\n`;

const cases: [string, string, LogFilterOptions, string][] = [
  ['both streams', plain, {}, 'one\ntwo\n\n'],
  ['one stream', plain, { stream: 'stderr' }, 'two\n'],
  ['timestamps', plain, { timestamps: true }, `${shown(1)} one\n${shown(2)} two\n${shown(3)} \n`],
  ['since', plain, { since: toNanoseconds(at(2)) }, 'two\n\n'],
  ['partial entries joined', partial, {}, 'one-and-two\n'],
  ['one timestamp a line', partial, { timestamps: true }, `${shown(1)} one-and-two\n`],
  ['a stream inside the other', mixed, {}, 'on\ntwo\ne\n'],
  ['a stream inside the other, filtered', mixed, { stream: 'stdout' }, 'one\n'],
  ['what is no entry', `garbage\n${'y'.repeat(300)}\n\n${plain}`, {}, 'one\ntwo\n\n'],
  ['a long line', `${at(1)} stdout F ${'é'.repeat(5000)}\n`, {}, `${'é'.repeat(5000)}\n`],
  ['an entry cut short', `${at(1)} stdout F on`, {}, 'on'],
];

describe.each(cases)('%s', (_, log, options, expected) => {
  test.each([1, 7, 64, 100_000])('in chunks of %i bytes', (size) => {
    const filter = new LogFilter(options);
    const bytes = Buffer.from(log);
    const out: Buffer[] = [];
    for (let from = 0; from < bytes.length; from += size) out.push(filter.push(bytes.subarray(from, from + size)));
    expect(Buffer.concat(out).toString()).toBe(expected);
  });
});
