import { expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { FOREGROUND, ORPHAN } from '../objects/propagation.ts';
import { decide, type OwnerState, ownerState, unblocking, withOwners, withoutOwner } from './decide.ts';
import type { OwnerReference } from './graph.ts';

const owner = (uid: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: `name-${uid}`,
  uid,
  ...more,
});
const object = (owners: OwnerReference[], metadata: object = {}): KubeObject => ({
  metadata: { name: 'a', ...(owners.length > 0 ? { ownerReferences: owners } : {}), ...metadata },
});
const deleted = (policy: string, unblocking = false) => ({ do: 'delete', policy, unblocking });

test.each<[string, OwnerState[], Parameters<typeof decide>[2], object, object]>([
  ['no owner', [], [], {}, { do: 'nothing' }],
  ['its owner is there', ['there'], [undefined], {}, { do: 'nothing' }],
  ['all its owners are there', ['there', 'there'], [], {}, { do: 'nothing' }],
  ['its owner is gone', ['gone'], [], {}, deleted('Background')],
  ['its owner is gone, it has dependents', ['gone'], [undefined], {}, deleted('Background')],
  ['all its owners are gone', ['gone', 'gone'], [], {}, deleted('Background')],
  ['one is left', ['gone', 'there', 'gone'], [], {}, { do: 'keep', owners: [owner('1')] }],
  ['of an unknown owner', ['unknown'], [], {}, { do: 'nothing' }],
  ['of an unknown owner and one that is gone', ['gone', 'unknown'], [], {}, { do: 'nothing' }],
  ['of an unknown owner and one that waits', ['unknown', 'waiting'], [undefined], {}, { do: 'nothing' }],
  ['of an unknown owner, one that is there, one that is gone', ['unknown', 'there', 'gone'], [], {}, { do: 'nothing' }],
  ['its owner waits', ['waiting'], [], {}, deleted('Background')],
  ['its owner waits, it has dependents', ['waiting'], [undefined], {}, deleted('Foreground')],
  ['its owner waits, its dependents are orphaned', ['waiting'], [ORPHAN], {}, deleted('Foreground')],
  ['its owner waits, so does a dependent', ['waiting'], [undefined, FOREGROUND], {}, deleted('Foreground', true)],
  ['one owner waits, one is gone', ['waiting', 'gone'], [], {}, deleted('Background')],
  ['one owner waits, one is there', ['waiting', 'there'], [undefined], {}, { do: 'keep', owners: [owner('1')] }],
  ['it says what becomes of dependents', ['gone'], [], { finalizers: ['a/b', ORPHAN] }, deleted('Orphan')],
  ['it says that it goes last', ['gone'], [undefined], { finalizers: [FOREGROUND] }, deleted('Foreground')],
  ['its other finalizers say nothing', ['gone'], [], { finalizers: ['a/b'] }, deleted('Background')],
])('%s', (_, states, below, metadata, decision) => {
  const owners = states.map((_state, i) => owner(`${i}`));
  expect(decide(object(owners, metadata), states, below)).toEqual(decision);
});

const going = { uid: '0', deletionTimestamp: '2026-01-02T03:04:05Z' };

test.each<[string, object | undefined, OwnerState]>([
  ['nothing is there', undefined, 'gone'],
  ['another one of its name is', { uid: '1' }, 'gone'],
  ['it is', { uid: '0' }, 'there'],
  ['it goes', going, 'there'],
  ['its dependents are to be orphaned', { ...going, finalizers: [ORPHAN] }, 'there'],
  ['its dependents are to go first', { ...going, finalizers: [FOREGROUND] }, 'waiting'],
  ['that is to be so when it goes', { uid: '0', finalizers: [FOREGROUND] }, 'there'],
])('an owner: %s', (_, metadata, state) => {
  expect(ownerState(owner('0'), metadata && { metadata })).toBe(state);
});

test('owners are taken from an object, or made not to wait for it', () => {
  const blocked = owner('1', { blockOwnerDeletion: true });
  const both = object([owner('0'), blocked]);
  expect(withOwners(both, [blocked])).toEqual(object([blocked]));
  expect(withOwners(both, [])).toEqual(object([]));
  expect(withoutOwner(both, '1')).toEqual(object([owner('0')]));
  expect(withoutOwner(both, '2')).toEqual(both);
  expect(unblocking(both)).toEqual(object([owner('0'), owner('1', { blockOwnerDeletion: false })]));
});
