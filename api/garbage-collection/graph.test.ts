import { expect, test } from 'vitest';
import { FOREGROUND, ORPHAN } from '../objects/propagation.ts';
import { configmaps, nodes } from '../registry/index.ts';
import type { Resource } from '../registry/resource.ts';
import { memberOf, OwnerGraph, type OwnerReference } from './graph.ts';

interface Given {
  resource?: Resource;
  namespace?: string;
  owners?: OwnerReference[];
  finalizers?: string[];
  isGoing?: boolean;
}

/** Its uid is its name. */
const member = (
  name: string,
  { resource = configmaps, namespace = 'default', owners, finalizers, isGoing }: Given = {},
) =>
  memberOf(resource, {
    metadata: {
      name,
      uid: name,
      ...(resource.namespaced ? { namespace } : {}),
      ownerReferences: owners,
      finalizers,
      ...(isGoing ? { deletionTimestamp: '2026-01-02T03:04:05Z' } : {}),
    },
  });
const of = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: name,
  ...more,
});
const blocking = (name: string) => of(name, { blockOwnerDeletion: true });
const last = { isGoing: true, finalizers: [FOREGROUND] };

const graphOf = (...members: ReturnType<typeof member>[]) => {
  const graph = new OwnerGraph();
  for (const one of members) graph.put(one);
  return graph;
};

test.each<[string, Given, string[]]>([
  ['nobody', {}, []],
  ['one that is there', { owners: [of('owner')] }, []],
  ['one in no namespace', { owners: [of('node', { kind: 'Node' })] }, []],
  ['one that goes, however', { owners: [of('going')] }, []],
  ['one that is not there', { owners: [of('owner'), of('nobody')] }, ['new']],
  ['one of another name', { owners: [of('owner', { name: 'other' })] }, ['new']],
  ['one of another kind', { owners: [of('owner', { kind: 'Secret' })] }, ['new']],
  ['one of another version', { owners: [of('owner', { apiVersion: 'v2' })] }, ['new']],
  ['one in another namespace', { owners: [of('owner')], namespace: 'other' }, ['new']],
  ['one in a namespace, being in none', { owners: [of('owner')], resource: nodes }, ['new']],
  ['one that goes after it', { owners: [of('last')] }, ['new']],
])('a new object that belongs to %s', (_, given, looked) => {
  const graph = graphOf(
    member('owner'),
    member('node', { resource: nodes }),
    member('going', { isGoing: true }),
    member('last', last),
  );
  expect(graph.put(member('new', given))).toEqual(looked);
});

test.each<[string, Given, Given, string[]]>([
  ['nothing of interest', { owners: [of('nobody')] }, { owners: [of('nobody')] }, []],
  ['its owner', { owners: [of('owner')] }, { owners: [of('nobody')] }, ['one']],
  ['it goes', {}, { isGoing: true }, []],
  ['it goes and waits for its dependents', {}, last, ['below', 'one']],
  ['it waits for them on', last, { ...last, finalizers: ['a/b', FOREGROUND] }, []],
  ['it waits no more', last, { isGoing: true, finalizers: ['a/b'] }, []],
  ['it goes without them', {}, { isGoing: true, finalizers: [ORPHAN] }, ['one']],
  ['it says what is to become of them', {}, { finalizers: [ORPHAN] }, []],
  ['it leaves who waits for it', { owners: [blocking('last')] }, {}, ['last']],
  ['it lets who waits for it go', { owners: [blocking('last')] }, { owners: [of('last')] }, ['one', 'last']],
  ['it leaves who does not wait for it', { owners: [of('last')] }, {}, []],
  ['it leaves who does not go', { owners: [blocking('owner')] }, {}, []],
])('a change: %s', (_, before, after, looked) => {
  const graph = graphOf(
    member('owner'),
    member('last', last),
    member('below', { owners: [of('one')] }),
    member('one', before),
  );
  expect(graph.put(member('one', after))).toEqual(looked);
});

test('when one is gone its dependents are looked at, and who waits for it', () => {
  const graph = graphOf(
    member('last', last),
    member('owner'),
    member('one', { owners: [of('last'), of('owner')] }),
    member('a', { owners: [of('one')] }),
    member('b', { owners: [of('one'), of('owner')] }),
    member('c', { owners: [of('a')] }),
  );
  expect(graph.remove('one')).toEqual(['a', 'b', 'last']);
  expect(graph.remove('one')).toEqual([]);
  expect(graph.dependentsOf('owner').map(({ uid }) => uid)).toEqual(['b']);
});

test('an owner is blocked by those dependents that say so', () => {
  const graph = graphOf(member('last', { ...last, owners: [blocking('last')] }), member('a', { owners: [of('last')] }));
  expect(graph.isBlocked('last')).toBe(false);
  graph.put(member('a', { owners: [blocking('last')] }));
  expect(graph.isBlocked('last')).toBe(true);
  graph.put(member('a', { owners: [blocking('other')] }));
  expect(graph.isBlocked('last')).toBe(false);
});

test('of all that are there, those are looked at that are not in order', () => {
  const graph = graphOf(
    member('fine', { owners: [of('owner')] }),
    member('dangling', { owners: [of('nobody')] }),
    member('owner'),
    member('orphaning', { isGoing: true, finalizers: [ORPHAN] }),
    member('left', { owners: [of('orphaning')] }),
    member('first', { owners: [of('last')] }),
    member('last', last),
  );
  expect(graph.unsettled()).toEqual(['dangling', 'orphaning', 'first', 'last']);
});
