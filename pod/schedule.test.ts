import { expect, test } from 'vitest';
import type { Amounts } from './requests.ts';
import { chooseNode } from './schedule.ts';
import type { Node, Pod } from './types.ts';

const node = (name: string, more: { spec?: object; status?: object; labels?: Record<string, string> } = {}): Node =>
  ({
    metadata: { name, labels: more.labels },
    spec: more.spec,
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      allocatable: { cpu: '2', memory: '1Gi', pods: '110' },
      ...more.status,
    },
  }) as unknown as Node;
const pod = (spec: object = {}): Pod =>
  ({ metadata: {}, spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }], ...spec } }) as Pod;

/** The node that is chosen, with what it lacks, or why there is none. */
function chosen(given: Pod, nodes: Node[], used: Record<string, Amounts> = {}) {
  const choice = chooseNode(given, nodes, (name) => used[name] ?? {});
  if ('unschedulable' in choice) return choice.unschedulable;
  return [choice.node.metadata.name, ...choice.lacks.map((lack) => lack.resource)];
}

test.each<[string, Pod, Node[], Record<string, Amounts>, string | (string | undefined)[]]>([
  ['the first that has room', pod(), [node('a'), node('b')], { a: { cpu: 1500 } }, ['b']],
  [
    'none has room',
    pod({ containers: [{ name: 'a', resources: { requests: { cpu: '1', memory: '1Gi', 'example.com/gpu': '1' } } }] }),
    [node('a'), node('b')],
    { a: { cpu: 1500 }, b: { memory: 1, pods: 110 } },
    '0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient example.com/gpu, 1 Too many pods, 1 Insufficient memory.',
  ],
  [
    'one that does not say what it has',
    pod(),
    [node('a', { status: { allocatable: undefined } })],
    { a: { cpu: 1e9 } },
    ['a'],
  ],
  [
    'each for its own reason',
    pod({ nodeSelector: { disk: 'ssd' } }),
    [
      node('a'),
      node('b', { labels: { disk: 'ssd' }, spec: { unschedulable: true } }),
      node('c', { labels: { disk: 'ssd' }, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
      node('d', { status: { conditions: [] } }),
    ],
    {},
    "0/4 nodes are available: 1 node(s) didn't match the Pod's node selector, 1 node(s) were unschedulable, 1 node(s) had untolerated taint {k: v}, 1 node(s) were not ready.",
  ],
  [
    'the one that it names, whatever it lacks',
    pod({ nodeName: 'a' }),
    [node('a')],
    { a: { cpu: 1500, pods: 110 } },
    ['a', 'pods', 'cpu'],
  ],
  [
    'the one that it names, which knows nothing of what it asks for',
    pod({ nodeName: 'a', containers: [{ name: 'a', resources: { requests: { 'example.com/gpu': '1' } } }] }),
    [node('a')],
    {},
    ['a'],
  ],
  ['one that it names and that is not there', pod({ nodeName: 'x' }), [node('a')], {}, 'there is no node "x"'],
  ['held back', pod({ schedulingGates: [{ name: 'g' }] }), [node('a')], {}, 'scheduling is held back by gates: g'],
])('%s', (_, given, nodes, used, expected) => {
  expect(chosen(given, nodes, used)).toEqual(expected);
});
