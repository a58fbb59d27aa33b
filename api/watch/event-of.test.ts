import { expect, test } from 'vitest';
import type { Change } from '../../store/port.ts';
import { selection } from '../decode/selection.ts';
import { pods } from '../registry/pods.ts';
import { eventOf } from './event-of.ts';

const object = (app: string, revision: string) => ({
  metadata: { name: 'a', labels: { app }, resourceVersion: revision },
});
const change = (type: Change['type'], now: string, before?: string): Change => ({
  revision: 2,
  type,
  key: { resource: 'pods', namespace: '', name: 'a' },
  by: 'client',
  object: object(now, '2'),
  ...(before ? { previous: object(before, '1') } : {}),
});
const chosen = selection(new URLSearchParams('labelSelector=app=x'), pods);

test.each([
  ['appears', change('ADDED', 'x'), { type: 'ADDED', object: object('x', '2') }],
  ['appears unselected', change('ADDED', 'y'), undefined],
  ['changes within', change('MODIFIED', 'x', 'x'), { type: 'MODIFIED', object: object('x', '2') }],
  ['comes in', change('MODIFIED', 'x', 'y'), { type: 'ADDED', object: object('x', '2') }],
  ['goes out', change('MODIFIED', 'y', 'x'), { type: 'DELETED', object: object('x', '2') }],
  ['changes outside', change('MODIFIED', 'y', 'y'), undefined],
  ['goes', change('DELETED', 'x'), { type: 'DELETED', object: object('x', '2') }],
  ['goes unselected', change('DELETED', 'y'), undefined],
])('an object that %s', (_, given, expected) => {
  expect(eventOf(given, chosen)).toEqual(expected);
});
