import { describe, expect, test } from 'vitest';
import { type LabelSelector, matchesLabels, parseLabelSelector, SelectorError } from './selectors.ts';

test.each<[string, LabelSelector]>([
  ['', []],
  ['  ', []],
  ['a=b', [{ key: 'a', operator: 'in', values: ['b'] }]],
  ['a==b', [{ key: 'a', operator: 'in', values: ['b'] }]],
  ['a!=b', [{ key: 'a', operator: 'notin', values: ['b'] }]],
  [
    ' a = b , c ',
    [
      { key: 'a', operator: 'in', values: ['b'] },
      { key: 'c', operator: 'exists', values: [] },
    ],
  ],
  ['a=', [{ key: 'a', operator: 'in', values: [''] }]],
  [
    'a=,b',
    [
      { key: 'a', operator: 'in', values: [''] },
      { key: 'b', operator: 'exists', values: [] },
    ],
  ],
  ['!a', [{ key: 'a', operator: 'absent', values: [] }]],
  ['example.com/a in (x, y,x)', [{ key: 'example.com/a', operator: 'in', values: ['x', 'y'] }]],
  ['a in ()', [{ key: 'a', operator: 'in', values: [''] }]],
  ['a in (x,)', [{ key: 'a', operator: 'in', values: ['x', ''] }]],
  [
    'a notin(x),b>5,c<1',
    [
      { key: 'a', operator: 'notin', values: ['x'] },
      { key: 'b', operator: 'gt', values: ['5'] },
      { key: 'c', operator: 'lt', values: ['1'] },
    ],
  ],
  ['in in (in)', [{ key: 'in', operator: 'in', values: ['in'] }]],
])('parses %j', (text, selector) => expect(parseLabelSelector(text)).toEqual(selector));

test.each([
  ['a=b,', `label selector "a=b,": expected a label's key at its end; write e.g. app=web,tier in (front,back),!legacy`],
  ['=b', `label selector "=b": expected a label's key at "="; write e.g. app=web,tier in (front,back),!legacy`],
  ['a in x', `label selector "a in x": expected '(' at its end; write e.g. app=web,tier in (front,back),!legacy`],
  [
    'a in (x',
    `label selector "a in (x": expected ',' or ')' at its end; write e.g. app=web,tier in (front,back),!legacy`,
  ],
  [
    'a b',
    `label selector "a b": expected an operator (=, ==, !=, in, notin, <, >) or ',' at "b"; write e.g. app=web,tier in (front,back),!legacy`,
  ],
  ['a=b=c', `label selector "a=b=c": expected ',' at "="; write e.g. app=web,tier in (front,back),!legacy`],
  ['a>x', 'label selector: value "x" of "a": must be an integer after < or >'],
])('refuses %j', (text, message) => expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message)));

test.each(['-a=b', 'a=b c', 'a/b/c', 'a=-', '!', 'a,,b', '(a)'])('refuses %j', (text) => {
  expect(() => parseLabelSelector(text)).toThrow(SelectorError);
});

describe('matches', () => {
  const labels = { app: 'web', empty: '', n: '7' };
  test.each([
    ['', true],
    ['app=web', true],
    ['app=db', false],
    ['app!=db', true],
    ['missing!=x', true],
    ['app,!missing', true],
    ['missing', false],
    ['app in (db,web)', true],
    ['app notin (db,web)', false],
    ['missing in (x)', false],
    ['empty=', true],
    ['n>6,n<8', true],
    ['n>7', false],
    ['app>1', false],
    ['constructor', false],
  ])('%j: %s', (text, matches) => expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches));

  test('an object without labels', () => expect(matchesLabels(parseLabelSelector('!a'), undefined)).toBe(true));
});
