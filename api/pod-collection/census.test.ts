import { expect, test } from 'vitest';
import type { Node, Pod } from '../../pod/types.ts';
import type { ChangeType } from '../../store/port.ts';
import { Census } from './census.ts';

const pod = (name: string, nodeName: string): Pod => ({
  metadata: { namespace: 'default', name, uid: `uid-${name}` },
  spec: { containers: [], nodeName },
  status: { phase: 'Running' },
});
const node = (name: string): Node => ({ metadata: { name } });

function counted() {
  const census = new Census();
  const take = (resource: string, type: ChangeType, object: Pod | Node) =>
    census.take({
      revision: 1,
      by: 'client',
      type,
      object,
      key: { resource, namespace: '', name: object.metadata.name! },
    });
  const due = (at: number) => census.due(at).map(({ pod: { name }, cause }) => `${name} ${cause}`);
  return { due, onNode: take.bind(undefined, 'nodes'), onPod: take.bind(undefined, 'pods') };
}

test('a node that Pods are on may be missing for 40 s', () => {
  const { due, onNode, onPod } = counted();
  onNode('ADDED', node('n'));
  onPod('ADDED', pod('a', 'n'));
  onPod('ADDED', pod('b', 'none'));
  expect([1_000, 40_999, 41_000].map(due)).toEqual([[], [], ['b orphaned']]);
  onPod('DELETED', pod('b', 'none'));
  onNode('DELETED', node('n'));
  expect([50_000, 89_999, 90_000].map(due)).toEqual([[], [], ['a orphaned']]);
});

test.each<[string, (census: ReturnType<typeof counted>) => void]>([
  [
    'the node was there meanwhile',
    ({ onNode }) => {
      onNode('ADDED', node('n'));
      onNode('DELETED', node('n'));
    },
  ],
  [
    'no Pod was on it meanwhile',
    ({ onPod, due }) => {
      onPod('DELETED', pod('a', 'n'));
      due(30_000);
      onPod('ADDED', pod('a', 'n'));
    },
  ],
])('it has its time again: %s', (_, meanwhile) => {
  const census = counted();
  census.onPod('ADDED', pod('a', 'n'));
  expect(census.due(0)).toEqual([]);
  meanwhile(census);
  expect([40_000, 79_999, 80_000].map(census.due)).toEqual([[], [], ['a orphaned']]);
});
