import { describe, expect, test } from 'vitest';
import * as q from './quantity.ts';

describe('canonical form', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1.5Gi', '1536Mi'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1000Ki', '1000Ki'],
    ['0.5Ki', '512'],
    ['0.5Mi', '512Ki'],
    ['1.3Ki', '1331200m'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['100e-1', '10'],
    ['12e5', '1200e3'],
    ['1E', '1E'],
    ['8Ei', '9223372036854775807'],
    ['1e30', '9223372036854775807'],
    ['1e999999999', '9223372036854775807'],
    ['-1e30', '-9223372036854775807'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1e-999999999', '1e-9'],
    ['123456789n', '123456789n'],
    ['1u', '1u'],
    ['9007199254740993', '9007199254740993'],
  ])('%s is %s', (text, canonical) => expect(q.canonicalQuantity(text)).toBe(canonical));

  test('JSON numbers are as written', () =>
    expect([0.1, 2, 1e21].map(q.canonicalQuantity)).toEqual(['100m', '2', '9223372036854775807']));
});

test.each([
  '',
  ' ',
  '.',
  '+',
  'a',
  '1 ',
  '1ki',
  '1KI',
  '1 Gi',
  '1.2.3',
  '1e',
  '1e+',
  '--1',
  '1Kii',
  '0x1',
  'NaN',
  '9'.repeat(200),
])('refuses %j', (text) => {
  expect(() => q.parseQuantity(text)).toThrow(q.QuantityError);
  expect(q.isQuantity(text)).toBe(false);
});

test.each([
  ['1', '1000m', 0],
  ['1Ki', '1k', 1],
  ['-1', '0', -1],
  ['0.1', '100000001n', -1],
])('%s against %s: %i', (a, b, order) => {
  expect(q.compareQuantity(q.parseQuantity(a), q.parseQuantity(b))).toBe(order);
});

test.each([
  ['1Gi', '512Mi', '1536Mi'],
  ['0', '1Mi', '1Mi'],
  ['500m', '1.5', '2'],
  ['1M', '1Mi', '2048576'],
  ['9E', '9E', '9223372036854775807'],
])('%s + %s = %s', (a, b, sum) => {
  expect(q.formatQuantity(q.addQuantity(q.parseQuantity(a), q.parseQuantity(b)))).toBe(sum);
});

test('whole and milli values round up', () => {
  const values = ['1m', '1.0001', '-1.5', '2'].map(q.parseQuantity);
  expect(values.map(q.wholeValue)).toEqual([1n, 2n, -2n, 2n]);
  expect(values.map(q.milliValue)).toEqual([1n, 1001n, -1500n, 2000n]);
  expect(values.map(q.roundUpToMilli).map(q.formatQuantity)).toEqual(['1m', '1001m', '-1500m', '2']);
  expect(q.formatQuantity(q.maxQuantity(q.parseQuantity('1'), q.parseQuantity('1500m')))).toBe('1500m');
});
