import { expect, test } from 'vitest';
import type { KubeObject } from '../types.ts';
import { type Cell, defaultPrinter, printers } from './index.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const metadata = { name: 'x', namespace: 'default', creationTimestamp: '2026-01-01T00:55:00Z' };

const ready = (status: string) => [{ type: 'Ready', status }];

const shown: [string, Omit<KubeObject, 'metadata'> & { metadata?: KubeObject['metadata'] }, Cell[]][] = [
  ['namespaces', { status: { phase: 'Active' } }, ['x', 'Active', '5m']],
  ['configmaps', { data: { a: '', b: '' }, binaryData: { c: '' } }, ['x', 3, '5m']],
  ['configmaps', {}, ['x', 0, '5m']],
  ['secrets', { type: 'Opaque', data: { a: '' } }, ['x', 'Opaque', 1, '5m']],
  ['serviceaccounts', {}, ['x', '5m']],
  ['leases.coordination.k8s.io', { spec: { holderIdentity: 'h' } }, ['x', 'h', '5m']],
  ['runtimeclasses.node.k8s.io', { handler: 'runc' }, ['x', 'runc', '5m']],
  ['priorityclasses.scheduling.k8s.io', { value: 7, preemptionPolicy: 'Never' }, ['x', 7, false, '5m', 'Never']],
  [
    'nodes',
    {
      metadata: { ...metadata, labels: { 'node-role.kubernetes.io/b': '', 'kubernetes.io/role': 'a' } },
      spec: { unschedulable: true },
      status: {
        conditions: ready('True'),
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: {
          kubeletVersion: 'v1.36.0',
          osImage: 'Debian',
          kernelVersion: '6.1',
          architecture: 'amd64',
          containerRuntimeVersion: 'containerd://1.6.20',
        },
      },
    },
    [
      'x',
      'Ready,SchedulingDisabled',
      'a,b',
      '5m',
      'v1.36.0',
      '10.0.0.1',
      '<none>',
      'Debian',
      '6.1 (amd64)',
      'containerd://1.6.20',
    ],
  ],
  [
    'nodes',
    { status: { conditions: ready('Unknown') } },
    ['x', 'NotReady', '<none>', '5m', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'],
  ],
  ['nodes', {}, ['x', 'Unknown', '<none>', '5m', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
  [
    'events',
    {
      type: 'Normal',
      reason: 'Pulled',
      message: ' Image pulled\n',
      involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{a}' },
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: '2026-01-01T00:50:00Z',
      lastTimestamp: '2026-01-01T00:59:00Z',
      count: 3,
    },
    ['60s', 'Normal', 'Pulled', 'pod/web', 'spec.containers{a}', 'kubelet, n1', 'Image pulled', '10m', 3, 'x'],
  ],
  [
    'events.events.k8s.io',
    {
      type: 'Warning',
      reason: 'R',
      involvedObject: { kind: 'Node' },
      reportingComponent: 'c',
      eventTime: '2026-01-01T00:58:00.000000Z',
      series: { count: 9, lastObservedTime: '2026-01-01T00:59:30.000000Z' },
    },
    ['30s', 'Warning', 'R', 'node', '', 'c', '', '2m', 9, 'x'],
  ],
  ['events', { involvedObject: {}, eventTime: '2026-01-01T00:58:00Z' }, ['2m', '', '', '', '', '', '', '2m', 1, 'x']],
  [
    'services',
    {
      spec: {
        type: 'NodePort',
        clusterIPs: ['10.96.0.1'],
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { b: '2', a: '1' },
      },
    },
    ['x', 'NodePort', '10.96.0.1', '<none>', '80:30080/TCP,53/UDP', '5m', 'a=1,b=2'],
  ],
  [
    'services',
    {
      spec: { type: 'LoadBalancer', externalIPs: ['9.9.9.9'] },
      status: { loadBalancer: { ingress: [{ hostname: 'b' }, { ip: '1.1.1.1' }] } },
    },
    ['x', 'LoadBalancer', '<none>', '1.1.1.1,b,9.9.9.9', '<none>', '5m', '<none>'],
  ],
  [
    'services',
    { spec: { type: 'LoadBalancer' } },
    ['x', 'LoadBalancer', '<none>', '<pending>', '<none>', '5m', '<none>'],
  ],
  [
    'services',
    { spec: { type: 'ExternalName', externalName: 'example.com' } },
    ['x', 'ExternalName', '<none>', 'example.com', '<none>', '5m', '<none>'],
  ],
  ['services', {}, ['x', '', '<none>', '<unknown>', '<none>', '5m', '<none>']],
  ['endpoints', {}, ['x', '<none>', '5m']],
  [
    'endpoints',
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '::1' }], ports: [{ port: 80 }, { port: 81 }] }] },
    ['x', '10.0.0.1:80,[::1]:80,10.0.0.1:81 + 1 more...', '5m'],
  ],
  ['endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] }, ['x', '10.0.0.1', '5m']],
  [
    'endpointslices.discovery.k8s.io',
    {
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'http' }, {}],
      endpoints: [{ addresses: ['1.1.1.1', '2.2.2.2'] }, { addresses: ['3.3.3.3', '4.4.4.4'] }],
    },
    ['x', 'IPv4', '80,http,*', '1.1.1.1,2.2.2.2,3.3.3.3 + 1 more...', '5m'],
  ],
  [
    'endpointslices.discovery.k8s.io',
    { addressType: 'IPv4', endpoints: [] },
    ['x', 'IPv4', '<unset>', '<unset>', '5m'],
  ],
  ['events', { message: 'about nothing' }, ['<unknown>', '', '', '', '', '', 'about nothing', '<unknown>', 1, 'x']],
  [
    'pods',
    {
      spec: {
        nodeName: 'n1',
        initContainers: [{ name: 's', restartPolicy: 'Always' }],
        containers: [{ name: 'm' }],
        readinessGates: [{ conditionType: 'g' }],
      },
      status: {
        phase: 'Running',
        podIPs: [{ ip: '10.0.0.1' }],
        conditions: [
          { type: 'Initialized', status: 'True' },
          { type: 'g', status: 'True' },
        ],
        initContainerStatuses: [{ name: 's', ready: true, started: true, restartCount: 0, state: { running: {} } }],
        containerStatuses: [
          {
            name: 'm',
            ready: true,
            restartCount: 2,
            state: { running: {} },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:58:00Z' } },
          },
        ],
      },
    },
    ['x', '2/2', 'Running', '2 (2m ago)', '5m', '10.0.0.1', 'n1', '<none>', '1/1'],
  ],
  ['pods', { spec: { containers: [] } }, ['x', '0/0', '', '0', '5m', '<none>', '<none>', '<none>', '<none>']],
];

test.each(shown)('%s %#', (resource, object, cells) => {
  const printer = printers[resource]!;
  expect(printer.cells({ metadata, ...object }, NOW)).toEqual(cells);
  expect(printer.columns).toHaveLength(cells.length);
});

/** What an object always has, as the schema requires it: it is filled in when it is not given. */
const required = ['metadata', 'containers', 'restartCount', 'addressType', 'addresses', 'endpoints', 'ip', 'port'];

/** The value without one of its parts, for each part that may be missing, however deep. */
function* lacking(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (Array.isArray(value)) yield value.filter((item) => item !== part);
    else if (!required.includes(key)) yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const less of lacking(part)) {
      yield Array.isArray(value) ? value.map((item) => (item === part ? less : item)) : { ...value, [key]: less };
    }
  }
}

test.each(shown)('%s %# lacks any part of it', (resource, object) => {
  // A Pod is nothing without a spec.
  const least = { metadata, ...(resource === 'pods' && { spec: { containers: [] } }) };
  const wrong = [...lacking({ metadata, ...object })].filter((less) => {
    const cells = printers[resource]!.cells({ ...least, ...(less as object) }, NOW);
    return cells.some((cell) => cell === undefined || Number.isNaN(cell));
  });
  expect(wrong).toEqual([]);
});

test('any other kind', () => {
  expect(defaultPrinter.cells({ metadata }, NOW)).toEqual(['x', '2026-01-01T00:55:00Z']);
});
