import { expect, test } from 'vitest';
import { expand, expandEnv, expandStatic } from './expand.ts';

const values = new Map([
  ['A', 'a'],
  ['B', '$(A)'],
  ['EMPTY', ''],
]);

test.each([
  ['$(A)', 'a'],
  ['x$(A)y$(A)', 'xaya'],
  ['$(B)', '$(A)'],
  ['[$(EMPTY)]', '[]'],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$$$$(A)', '$$(A)'],
  ['$', '$'],
  ['$x', '$x'],
  ['$(A', '$(A'],
  ['$(A $(A)', '$(A $(A)'],
  ['$()', '$()'],
  ['a$$', 'a$'],
])('%s becomes %s', (text, expanded) => expect(expand(text, values)).toBe(expanded));

test('an environment sees what stands before it, services come last', () => {
  const env = expandEnv(
    [
      ['FROM', 'map'],
      ['OVER', 'map'],
    ],
    [
      { name: 'LATE', value: '$(ONE)' },
      { name: 'ONE', value: '1' },
      { name: 'TWO', value: '$(ONE)$(FROM)$(HOST)' },
      { name: 'SECRET', value: '$(ONE)', literal: true },
      { name: 'OVER', value: 'own' },
      { name: 'HOST', value: 'mine' },
    ],
    new Map([
      ['HOST', '10.0.0.1'],
      ['PORT', '443'],
    ]),
  );
  expect([...env]).toEqual([
    ['FROM', 'map'],
    ['OVER', 'own'],
    ['LATE', '$(ONE)'],
    ['ONE', '1'],
    ['TWO', '1map10.0.0.1'],
    ['SECRET', '$(ONE)'],
    ['HOST', 'mine'],
    ['PORT', '443'],
  ]);
});

test("a probe's command sees static values as they are written", () => {
  const env = [
    { name: 'PORT', value: '80' },
    { name: 'URL', value: 'http://localhost:$(PORT)' },
    { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    { name: 'PORT', value: '8080' },
  ];
  expect(expandStatic(['wget', '$(URL)', '$(PORT)/$(SECRET)', '$$(PORT)', '$(OTHER)'], env)).toEqual([
    'wget',
    'http://localhost:$(PORT)',
    '8080/',
    '$(PORT)',
    '$(OTHER)',
  ]);
});
