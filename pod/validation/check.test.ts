import { expect, test } from 'vitest';
import { isIP, isIPv6, sameJson, unique, volumePath } from './check.ts';

test.each([
  ['1.2.3.4', true],
  ['255.255.255.255', true],
  ['256.1.1.1', false],
  ['01.2.3.4', false],
  ['1.2.3', false],
  ['1.2.3.4.', false],
  ['::', true],
  ['::1', true],
  ['2001:db8::ffff', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:7', false],
  ['1:2:3:4:5:6:7::8', false],
  ['1::2::3', false],
  ['::ffff:1.2.3.4', true],
  ['::ffff:1.2.3.999', false],
  ['12345::', false],
  [':::', false],
  ['', false],
  ['example.com', false],
])('%j is an address: %s', (text, expected) => expect(isIP(text)).toBe(expected));

test('families', () => expect(['::1', '1.2.3.4'].map(isIPv6)).toEqual([true, false]));

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [{ c: null }] }, { b: [{}], a: 1 }, true],
  [{ a: [] }, {}, true],
  [{ a: '' }, {}, true],
  [{ a: false }, {}, false],
  [{ a: 0 }, {}, false],
  [{ a: {} }, {}, false],
  [[1, 2], [2, 1], false],
  [[1], [1, null], false],
  [[], {}, false],
  ['1', 1, false],
])('%j and %j are the same: %s', (a, b, expected) => expect(sameJson(a, b)).toBe(expected));

test('a repeated value is told where it is repeated', () => {
  expect(unique(['a', undefined, 'b', 'a', undefined, ''], (index) => `x[${index}]`)).toEqual([
    { type: 'Duplicate', field: 'x[3]', value: 'a', detail: '' },
  ]);
});

test.each([
  ['a/b', []],
  ['...', ["must not start with '..'"]],
  ['..data', ["must not start with '..'"]],
  ['a/../b', ["must not contain '..'"]],
  ['/a', ['must be a relative path']],
  ['/../a', ['must be a relative path', "must not contain '..'"]],
])('file %j in a volume', (path, details) => {
  expect(volumePath('x', path).map((e) => e.detail)).toEqual(details);
});
