import { describe, expect, test } from 'vitest';
import * as n from './names.ts';

const long = (count: number) => 'a'.repeat(count);

const table: [string, n.NameRule, string[], string[]][] = [
  ['dns1123Label', n.dns1123Label, ['a', '0', 'a-b', '1a', long(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', long(64)]],
  ['dns1123Subdomain', n.dns1123Subdomain, ['a', 'a.b-c.9', long(253)], ['', 'a..b', '.a', 'a.', 'A.b', long(254)]],
  [
    'qualifiedName',
    n.qualifiedName,
    ['a', 'A_b.c', 'example.com/A', `example.com/${long(63)}`],
    ['', '/a', 'a/', 'a/b/c', 'Example.com/a', '-a', long(64)],
  ],
  ['labelValue', n.labelValue, ['', 'a', 'A_1.b', long(63)], ['-a', 'a b', 'a/b', long(64)]],
  ['envName', n.envName, ['A', 'my.env-name', '1A', 'a b'], ['', 'a=b', 'ü']],
  ['portName', n.portName, ['http', 'a-1', '1a'], ['', '80', 'HTTP', 'a--b', '-a', 'a-', long(16)]],
  ['configKey', n.configKey, ['a', 'A_b.c', '.a'], ['', '.', '..', '..a', 'a/b', long(254)]],
  ['httpHeaderName', n.httpHeaderName, ['X-A'], ['', 'X A', 'X_A']],
  ['generated', n.generated(n.dns1123Label), ['a', 'a-'], ['', 'A-', '-a']],
];

describe.each(table)('%s', (_, rule, good, bad) => {
  test.each(good)('takes %j', (value) => expect(rule(value)).toEqual([]));
  test.each(bad)('refuses %j', (value) => expect(rule(value)).not.toEqual([]));
});

test('messages say what to write', () => {
  expect(n.dns1123Label('My_Name')).toEqual([
    "must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')",
  ]);
  expect(n.qualifiedName('Example/')).toEqual([
    "the prefix must be a DNS subdomain: lower-case letters, digits, '-' or '.', each part with a letter or digit at both ends (e.g. 'example.com')",
    'the name must not be empty',
  ]);
  expect(n.dns1123Label(long(64))).toEqual(['must be no more than 63 characters, not 64']);
});

test.each([
  [1, true],
  [65535, true],
  [0, false],
  [65536, false],
  [1.5, false],
  ['80', false],
])('port number %j', (port, good) => expect(n.portNumber(port).length === 0).toBe(good));
