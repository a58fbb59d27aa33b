import { expect, test } from 'vitest';
import type { Pod } from './types.ts';
import { leftRoom, offer, type Wanted, waitsFor } from './waiting.ts';

const pod = (status: object, { deletionTimestamp, ...spec }: Record<string, unknown> = { nodeName: 'box' }): Pod =>
  ({ metadata: { name: 'web', deletionTimestamp }, spec: { containers: [], ...spec }, status }) as unknown as Pod;
const HAS_SANDBOX = { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] };
const waiting = (reason: string) => [{ name: 'c', state: { waiting: { reason } } }];

test.each<[string, Pod, Wanted | undefined]>([
  ['one without a node', pod({ phase: 'Pending' }, {}), 'room'],
  ['one with a scheduling gate', pod({ phase: 'Pending' }, { schedulingGates: [{ name: 'quota' }] }), undefined],
  ['one that is being deleted', pod({ phase: 'Pending' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }), undefined],
  ['one without a sandbox', pod({ phase: 'Pending' }), 'objects'],
  [
    'a main container that lacks something',
    pod({ ...HAS_SANDBOX, containerStatuses: waiting('CreateContainerConfigError') }),
    'objects',
  ],
  [
    'an init container that does',
    pod({ ...HAS_SANDBOX, initContainerStatuses: waiting('CreateContainerConfigError') }),
    'objects',
  ],
  ['one in a back-off', pod({ ...HAS_SANDBOX, containerStatuses: waiting('CrashLoopBackOff') }), undefined],
  ['one that runs', pod({ ...HAS_SANDBOX, phase: 'Running' }), undefined],
  ['one that is over', pod({ phase: 'Succeeded' }), undefined],
])('what a Pod waits for: %s', (_, given, expected) => expect(waitsFor(given)).toBe(expected));

test.each<[string, Pod | undefined, Pod | undefined, boolean]>([
  ['it ended', pod({ phase: 'Running' }), pod({ phase: 'Failed' }), true],
  ['it had ended before', pod({ phase: 'Failed' }), pod({ phase: 'Failed' }), false],
  ['it runs', pod({ phase: 'Pending' }), pod({ phase: 'Running' }), false],
  ['it had no room', pod({ phase: 'Pending' }, {}), pod({ phase: 'Failed' }, {}), false],
  ['it is new', undefined, pod({ phase: 'Pending' }), false],
  ['it is gone', pod({ phase: 'Running' }), undefined, true],
  ['it is gone, and had no room', pod({ phase: 'Pending' }, {}), undefined, false],
  ['it is gone, and had ended before', pod({ phase: 'Failed' }), undefined, false],
])('whether a Pod has left its room: %s', (_, before, now, expected) => expect(leftRoom(before, now)).toBe(expected));

test("what a node offers changes with its labels, its spec, its room and its readiness, not with its conditions' times", () => {
  const node = (more: object = {}, ready = 'True', lastHeartbeatTime = '1') => ({
    metadata: { labels: { disk: 'ssd' } },
    spec: {},
    status: { allocatable: { cpu: '2' }, conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime }] },
    ...more,
  });
  const others = [
    node({}, 'True', '2'),
    node({ metadata: { labels: { disk: 'hdd' } } }),
    node({ spec: { unschedulable: true } }),
    node({ status: { allocatable: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' }] } }),
    node({}, 'False'),
  ];
  expect(others.map((other) => offer(other) === offer(node()))).toEqual([true, false, false, false, false]);
});
