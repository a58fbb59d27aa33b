import { expect, test } from 'vitest';
import { chooseNode, type Taken } from './schedule.ts';
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

/** What is chosen of nodes of which some is taken: a node's name (with why it turns the Pod away), or why there is none. */
function chosen(given: Pod, nodes: Node[], taken: Record<string, Partial<Taken>> = {}) {
  const choice = chooseNode(given, nodes, (name) => ({ amounts: {}, hostPorts: [], ...taken[name] }));
  if ('unschedulable' in choice) return choice.unschedulable;
  const name = choice.node.metadata.name;
  return choice.rejection ? [name, choice.rejection.reason, choice.rejection.message] : [name];
}

const ssd = { disk: 'ssd' };
const disk = (...values: string[]) => ({ matchExpressions: [{ key: 'disk', operator: 'In', values }] });
const requires = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const prefers = (weight: number, preference: object) => ({ weight, preference });
const tainted = (effect: string) => ({ spec: { taints: [{ key: 'k', value: '5', effect }] } });
const tolerates = (operator: string, value: string) => ({ tolerations: [{ key: 'k', operator, value }] });
const under = (...types: string[]) => ({
  spec: { taints: types.map((type) => ({ key: TAINTS[type], effect: 'NoSchedule' })) },
  status: { conditions: ['Ready', ...types].map((type) => ({ type, status: 'True' })) },
});
const TAINTS: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
};
const BEST_EFFORT = { containers: [{ name: 'a' }] };
const bearsPressure = { tolerations: [{ operator: 'Exists' }] };
const cordoned = { spec: { unschedulable: true } };
const onPort = (hostPort: number) => ({ containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort }] }] });
const PORT = { ip: '0.0.0.0', protocol: 'TCP', port: 8080 };
const only = (why: string) => `0/1 nodes are available: 1 ${why}.`;
const AFFINITY = "node(s) didn't match Pod's node affinity/selector";
const PORTS = "node(s) didn't have free ports for the requested pod ports";

test.each<[string, Pod, Node[], Record<string, Partial<Taken>>, string | string[]]>([
  ['one short of memory, for what asks for some', pod(), [node('a', under('MemoryPressure'))], {}, ['a']],
  [
    'none of one short of memory, for what asks for nothing',
    pod(BEST_EFFORT),
    [node('a', under('MemoryPressure'))],
    {},
    only('node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }'),
  ],
  [
    'none of one short of disk',
    pod(),
    [node('a', under('DiskPressure'))],
    {},
    only('node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }'),
  ],
  ['one short of disk, which it tolerates', pod(bearsPressure), [node('a', under('DiskPressure'))], {}, ['a']],
  [
    'its own, short of memory, which asks for some',
    pod({ nodeName: 'a' }),
    [node('a', under('MemoryPressure'))],
    {},
    ['a'],
  ],
  [
    'its own, short of memory, which asks for nothing',
    pod({ ...BEST_EFFORT, nodeName: 'a' }),
    [node('a', under('MemoryPressure'))],
    {},
    ['a', 'Evicted', 'The node had condition: [MemoryPressure]. '],
  ],
  [
    'its own, short of memory, which asks for nothing and tolerates that',
    pod({ ...BEST_EFFORT, ...bearsPressure, nodeName: 'a' }),
    [node('a', under('MemoryPressure'))],
    {},
    ['a'],
  ],
  [
    'its own, short of more than memory, whatever it tolerates',
    pod({ ...bearsPressure, nodeName: 'a' }),
    [node('a', under('DiskPressure', 'MemoryPressure'))],
    {},
    ['a', 'Evicted', 'The node had condition: [DiskPressure MemoryPressure]. '],
  ],
  [
    'its own, short of disk, for what is critical to the system',
    pod({ priority: 2_000_001_000, nodeName: 'a' }),
    [node('a', under('DiskPressure'))],
    {},
    ['a'],
  ],
  ['the first that has room', pod(), [node('a'), node('b')], { a: { amounts: { cpu: 1500 } } }, ['b']],
  [
    'none has room',
    pod({ containers: [{ name: 'a', resources: { requests: { cpu: '1', memory: '1Gi', 'example.com/gpu': '1' } } }] }),
    [node('a'), node('b')],
    { a: { amounts: { cpu: 1500 } }, b: { amounts: { memory: 1, pods: 110 } } },
    '0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, 2 Insufficient example.com/gpu.',
  ],
  [
    'one that does not say what it has',
    pod(),
    [node('a', { status: { allocatable: undefined } })],
    { a: { amounts: { cpu: 1e9 } } },
    ['a'],
  ],
  [
    'each for its own reason',
    pod({ nodeSelector: ssd, ...onPort(8080) }),
    [
      node('a'),
      node('b', { labels: ssd, ...cordoned }),
      node('c', { labels: ssd, ...tainted('NoSchedule') }),
      node('d', { status: { conditions: [] } }),
      node('e', { labels: ssd }),
    ],
    { e: { hostPorts: [PORT] } },
    `0/5 nodes are available: 1 ${PORTS}, 1 ${AFFINITY}, 1 node(s) had untolerated taint {k: 5}, 1 node(s) were not ready, 1 node(s) were unschedulable.`,
  ],
  ['the one whose labels are required', pod(requires(disk('ssd'))), [node('a'), node('b', { labels: ssd })], {}, ['b']],
  ['none has the labels', pod(requires(disk('ssd'))), [node('a', { labels: { disk: 'hdd' } })], {}, only(AFFINITY)],
  [
    'labels that are required beside a nodeSelector',
    pod({ nodeSelector: { zone: 'x' }, ...requires(disk('ssd')) }),
    [node('a', { labels: ssd })],
    {},
    only(AFFINITY),
  ],
  [
    'the one that is preferred most',
    pod({
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            prefers(1, disk('hdd')),
            prefers(2, disk('ssd', 'hdd')),
            prefers(2, { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['c'] }] }),
            prefers(100, {}),
          ],
        },
      },
    }),
    [node('a'), node('b', { labels: ssd }), node('c', { labels: { disk: 'hdd' } })],
    {},
    ['b'],
  ],
  ['a port that is taken', pod(onPort(8080)), [node('a')], { a: { hostPorts: [PORT] } }, only(PORTS)],
  ['a port that is free', pod(onPort(8081)), [node('a')], { a: { hostPorts: [PORT] } }, ['a']],
  ['a taint that is tolerated', pod(tolerates('Equal', '5')), [node('a', tainted('NoExecute'))], {}, ['a']],
  ['a taint below what is tolerated', pod(tolerates('Lt', '10')), [node('a', tainted('NoSchedule'))], {}, ['a']],
  [
    'a taint that is not above what is tolerated',
    pod(tolerates('Gt', '5')),
    [node('a', tainted('NoSchedule'))],
    {},
    only('node(s) had untolerated taint {k: 5}'),
  ],
  ['a cordon that is tolerated', pod({ tolerations: [{ operator: 'Exists' }] }), [node('a', cordoned)], {}, ['a']],
  [
    'the one that it names, whatever it lacks',
    pod({ nodeName: 'a' }),
    [node('a')],
    { a: { amounts: { cpu: 1500, pods: 110 } } },
    ['a', 'OutOfpods', "Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110"],
  ],
  [
    'the one that it names, which knows nothing of what it asks for',
    pod({ nodeName: 'a', containers: [{ name: 'a', resources: { requests: { 'example.com/gpu': '1' } } }] }),
    [node('a')],
    {},
    ['a'],
  ],
  [
    'the one that it names, with other labels',
    pod({ nodeName: 'a', ...onPort(8080), ...requires(disk('ssd')) }),
    [node('a')],
    { a: { hostPorts: [PORT] } },
    ['a', 'NodeAffinity', `Predicate NodeAffinity failed: ${AFFINITY}`],
  ],
  [
    'the one that it names, whose port is taken',
    pod({ nodeName: 'a', ...onPort(8080) }),
    [node('a', tainted('NoExecute'))],
    { a: { hostPorts: [PORT] } },
    ['a', 'NodePorts', `Predicate NodePorts failed: ${PORTS}`],
  ],
  [
    'the one that it names, which takes no more and ends what it has',
    pod({ nodeName: 'a' }),
    [node('a', tainted('NoExecute'))],
    {},
    ['a', 'TaintToleration', "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"],
  ],
  [
    'the one that it names, which is not offered',
    pod({ nodeName: 'a' }),
    [node('a', { ...tainted('NoSchedule'), status: { conditions: [] } })],
    {},
    ['a'],
  ],
  ['one that it names and that is not there', pod({ nodeName: 'x' }), [node('a')], {}, 'there is no node "x"'],
  [
    'held back',
    pod({ schedulingGates: [{ name: 'g' }] }),
    [node('a')],
    {},
    'Scheduling is blocked due to non-empty scheduling gates',
  ],
])('%s', (_, given, nodes, taken, expected) => {
  expect(chosen(given, nodes, taken)).toEqual(expected);
});
