import { expect, test } from 'vitest';
import type { Node, Pod } from '../../pod/types.ts';
import { dueOf, factsOf, failed, holds, type NodeState, nodeState } from './decide.ts';

const now = new Date('2026-01-02T03:04:05.678Z');
const time = '2026-01-02T03:04:05Z';
const before = '2026-01-01T00:00:00Z';

interface Given {
  name?: string;
  nodeName?: string;
  phase?: string;
  reason?: string;
  /** The grace period of its deletion. */
  going?: number;
  createdAt?: string;
}
const pod = ({ name = 'a', nodeName, phase = 'Running', reason, going, createdAt = before }: Given): Pod => ({
  metadata: {
    namespace: 'default',
    name,
    uid: `uid-${name}`,
    creationTimestamp: createdAt,
    ...(going === undefined ? {} : { deletionTimestamp: before, deletionGracePeriodSeconds: going }),
  },
  spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
  status: { phase, ...(reason ? { reason } : {}) },
});

test('what of a Pod has a say', () => {
  const names = { namespace: 'default', name: 'a', uid: 'uid-a', createdAt: before };
  const nothing = { isOver: false, isEvicted: false, isGoing: false, isHeld: false };
  expect(factsOf(pod({}))).toEqual({ ...names, ...nothing });
  expect(factsOf(pod({ nodeName: '' }))).toEqual({ ...names, ...nothing });
  expect(factsOf(pod({ nodeName: 'n', phase: 'Failed', reason: 'Evicted', going: 0 }))).toEqual({
    ...names,
    nodeName: 'n',
    isOver: true,
    isEvicted: true,
    isGoing: true,
    isHeld: true,
  });
});

test.each<[string, string | undefined, string[], NodeState]>([
  ['ready', 'True', [], 'there'],
  ['silent', 'Unknown', [], 'there'],
  ['silent, with another taint', 'Unknown', ['node.kubernetes.io/unreachable'], 'there'],
  ['out of service', 'Unknown', ['a', 'node.kubernetes.io/out-of-service'], 'out-of-service'],
  ['never ready, out of service', undefined, ['node.kubernetes.io/out-of-service'], 'out-of-service'],
  ['ready, said to be out of service', 'True', ['node.kubernetes.io/out-of-service'], 'there'],
])('a node that is %s', (_, ready, taints, state) => {
  const node: Node = {
    metadata: { name: 'n' },
    spec: { taints: taints.map((key) => ({ key, effect: 'NoExecute' })) },
    ...(ready ? { status: { conditions: [{ type: 'Ready', status: ready }] } as unknown as Node['status'] } : {}),
  };
  expect(nodeState(node)).toBe(state);
});

test.each<[string, Given, NodeState, string | undefined]>([
  ['it waits for a node', {}, 'there', undefined],
  ['it waits for a node, and is deleted', { going: 30 }, 'there', 'unscheduled'],
  ['its node is there', { nodeName: 'n' }, 'there', undefined],
  ['its node is there, and it is deleted', { nodeName: 'n', going: 0 }, 'there', undefined],
  ['its node is missing', { nodeName: 'n', going: 30 }, 'missing', undefined],
  ['its node is gone', { nodeName: 'n' }, 'gone', 'orphaned'],
  ['its node is gone, and it never started', { nodeName: 'n', phase: 'Pending' }, 'gone', 'orphaned'],
  ['its node is gone, and it is over', { nodeName: 'n', phase: 'Succeeded' }, 'gone', 'orphaned'],
  ['its node is gone, and it is deleted', { nodeName: 'n', going: 30 }, 'gone', 'orphaned'],
  ['its node is out of service', { nodeName: 'n' }, 'out-of-service', undefined],
  ['its node is out of service, and it is deleted', { nodeName: 'n', going: 30 }, 'out-of-service', 'out-of-service'],
  ['its finalizers hold it', { nodeName: 'n', phase: 'Failed', going: 0 }, 'gone', undefined],
  ['it is not marked yet', { nodeName: 'n', going: 0 }, 'gone', 'orphaned'],
])('%s', (_, given, node, cause) => {
  const facts = factsOf(pod(given));
  expect(dueOf([facts], () => node)).toEqual(cause ? [{ pod: facts, cause }] : []);
});

test('of those that are over so many stay: the evicted go first, then the oldest', () => {
  const over = (name: string, createdAt: string, more: Given = {}) =>
    factsOf(pod({ name, createdAt, nodeName: 'n', phase: 'Succeeded', ...more }));
  const pods = [
    over('new', '2026-01-01T00:00:03Z'),
    over('old-b', '2026-01-01T00:00:01Z'),
    over('runs', '2026-01-01T00:00:00Z', { phase: 'Running' }),
    over('old-a', '2026-01-01T00:00:01Z'),
    over('evicted', '2026-01-01T00:00:02Z', { phase: 'Failed', reason: 'Evicted' }),
    over('held', '2026-01-01T00:00:00Z', { going: 0 }),
  ];
  const names = (maxOver?: number) => dueOf(pods, () => 'there', maxOver).map((due) => [due.pod.name, due.cause]);
  expect([5, 4, 3, 2, undefined].map(names)).toEqual([
    [],
    [['evicted', 'surplus']],
    [['evicted', 'surplus']],
    [
      ['evicted', 'surplus'],
      ['old-a', 'surplus'],
    ],
    [],
  ]);
  expect(dueOf(pods, () => 'gone', 2).map((due) => [due.pod.name, due.cause])).toEqual([
    ['evicted', 'surplus'],
    ['old-a', 'surplus'],
    ['new', 'orphaned'],
    ['old-b', 'orphaned'],
    ['runs', 'orphaned'],
  ]);
});

test.each<[string, Parameters<typeof holds>[0], Given, NodeState | undefined, boolean]>([
  ['it got a node meanwhile', 'unscheduled', { nodeName: 'n', going: 30 }, undefined, false],
  ['it still has none', 'unscheduled', { going: 30 }, undefined, true],
  ['its node came', 'orphaned', { nodeName: 'n' }, 'there', false],
  ['its node is gone', 'orphaned', { nodeName: 'n' }, 'gone', true],
  ['its node serves again', 'out-of-service', { nodeName: 'n', going: 30 }, 'there', false],
  ['it runs again', 'surplus', { nodeName: 'n' }, 'there', false],
  ['it is over', 'surplus', { nodeName: 'n', phase: 'Failed' }, 'there', true],
])('looked at again: %s', (_, cause, given, node, still) => {
  expect(holds(cause, factsOf(pod(given)), node)).toBe(still);
});

const disruption = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
  lastTransitionTime: time,
};
const ready = { type: 'Ready', status: 'True', lastTransitionTime: before };
const target = (status: string) => ({ ...disruption, status, reason: 'Other', lastTransitionTime: before });

test.each<[string, Parameters<typeof failed>[1], object, object | undefined]>([
  ['says why', 'orphaned', { conditions: [ready] }, { phase: 'Failed', conditions: [ready, disruption] }],
  ['has nothing to say it of', 'orphaned', {}, { phase: 'Failed', conditions: [disruption] }],
  [
    'was a target already',
    'orphaned',
    { conditions: [target('True'), ready] },
    { phase: 'Failed', conditions: [ready, { ...disruption, lastTransitionTime: before }] },
  ],
  ['was none', 'orphaned', { conditions: [target('False')] }, { phase: 'Failed', conditions: [disruption] }],
  ['needs no reason', 'unscheduled', { conditions: [ready] }, { phase: 'Failed', conditions: [ready] }],
  ['has succeeded', 'orphaned', { phase: 'Succeeded' }, undefined],
  ['has failed', 'orphaned', { phase: 'Failed' }, undefined],
])('a Pod that goes %s', (_, cause, status, marked) => {
  const given = { ...pod({}), status: { phase: 'Running', ...status } } as Pod;
  expect(failed(given, cause, now)).toEqual(marked && { ...given, status: marked });
});

test('a mark is of the generation that was seen', () => {
  const given = pod({});
  given.metadata.generation = 3;
  expect(failed(given, 'orphaned', now)?.status).toEqual({
    phase: 'Failed',
    observedGeneration: 3,
    conditions: [{ ...disruption, observedGeneration: 3 }],
  });
});
