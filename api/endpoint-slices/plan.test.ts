import { expect, test } from 'vitest';
import type { Service } from '../../pod/endpoints.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { planSlices } from './plan.ts';

const service = (spec: object = {}, uid = 's'): Service => ({
  metadata: { name: 'web', namespace: 'default', uid, labels: { tier: 'front' } },
  spec: {
    clusterIP: '10.96.1.1',
    selector: { app: 'web' },
    ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
    ...spec,
  },
});

const going = ({ metadata, ...rest }: Service): Service => ({
  ...rest,
  metadata: { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z' },
});

const pod = (name: string, ip = '10.0.0.1'): Pod => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, labels: { app: 'web' } },
  spec: { containers: [{ name: 'main' }] },
  status: { podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] },
});

const endpoint = (name: string, ip = '10.0.0.1') => ({
  addresses: [ip],
  conditions: { ready: true, serving: true, terminating: false },
  targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` },
});

const pods = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => pod(`p${from + i}`));
const ports = [{ name: '', port: 8080, protocol: 'TCP' }];
const labels = {
  tier: 'front',
  'kubernetes.io/service-name': 'web',
  'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
};

const slice = (more: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    generateName: 'web-',
    name: expect.stringMatching(/^web-[a-z0-9]{5}$/),
    namespace: 'default',
    labels,
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 's', controller: true, blockOwnerDeletion: true },
    ],
    ...metadata,
  },
  addressType: 'IPv4',
  endpoints: [endpoint('a')],
  ports,
  ...more,
});

/** As it is when it has been stored. */
const stored = (name: string, more: object = {}, metadata: object = {}): KubeObject =>
  slice(more, { name, uid: `uid-${name}`, resourceVersion: '7', ...metadata });
const endpointsOf = (shown: Pod[]) => shown.map(({ metadata }) => endpoint(metadata.name ?? ''));
const written = (plan: { write: KubeObject[] }) =>
  plan.write.map(({ metadata, endpoints }) => [metadata.name, endpoints.length]);

const headless = { ...labels, 'service.kubernetes.io/headless': '' };
const foreign = { ...labels, 'endpointslice.kubernetes.io/managed-by': 'me' };
const old = [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'before' }];

test.each<[string, Service, Pod[], KubeObject[], object]>([
  ['a first slice', service(), [pod('a')], [], { write: [slice()], remove: [] }],
  ['nothing to do', service(), [pod('a')], [stored('x')], { write: [], remove: [] }],
  ['no endpoints', service(), [], [], { write: [slice({ endpoints: [], ports: [] })], remove: [] }],
  [
    'no endpoints any more',
    service(),
    [],
    [stored('x')],
    { write: [stored('x', { endpoints: [], ports: [] })], remove: [] },
  ],
  [
    'one comes',
    service(),
    [pod('a'), pod('b')],
    [stored('x')],
    { write: [stored('x', { endpoints: [endpoint('a'), endpoint('b')] })], remove: [] },
  ],
  [
    'other ports: the slice is changed, not replaced',
    service({ ports: [{ port: 80, protocol: 'TCP', targetPort: 9090 }] }),
    [pod('a')],
    [stored('x')],
    { write: [stored('x', { ports: [{ ...ports[0], port: 9090 }] })], remove: [] },
  ],
  [
    'slices of an earlier Service of the name',
    service(),
    [pod('a')],
    [stored('x', {}, { ownerReferences: old })],
    { write: [slice()], remove: [stored('x', {}, { ownerReferences: old })] },
  ],
  [
    'a Service that waits for its slices to go gets no new ones',
    going(service()),
    [pod('a'), pod('b')],
    [stored('x')],
    { write: [stored('x', { endpoints: [endpoint('a'), endpoint('b')] })], remove: [] },
  ],
  ['nor a first one', going(service()), [pod('a')], [], { write: [], remove: [] }],
  [
    "somebody else's slice",
    service(),
    [pod('a')],
    [stored('x', {}, { labels: foreign })],
    { write: [slice()], remove: [] },
  ],
  [
    'a headless Service',
    service({ clusterIP: 'None', ports: undefined }),
    [pod('a')],
    [],
    { write: [slice({ ports: [] }, { labels: headless })], remove: [] },
  ],
  [
    'both families',
    service({ ipFamilies: ['IPv4', 'IPv6'] }),
    [pod('a', 'fd00::1')],
    [],
    {
      write: [
        slice({ endpoints: [], ports: [] }),
        slice({ addressType: 'IPv6', endpoints: [endpoint('a', 'fd00::1')] }),
      ],
      remove: [],
    },
  ],
  [
    'a family less',
    service(),
    [pod('a')],
    [stored('x'), stored('y', { addressType: 'IPv6', endpoints: [] })],
    { write: [], remove: [stored('y', { addressType: 'IPv6', endpoints: [] })] },
  ],
])('%s', (_, given, found, slices, plan) => {
  expect(planSlices(given, found, slices)).toEqual(plan);
});

test('a slice has at most 100 endpoints, and what is in one stays there', () => {
  expect(written(planSlices(service(), pods(0, 250), [])).map(([, count]) => count)).toEqual([100, 100, 50]);
  const slices = [
    stored('x', { endpoints: endpointsOf(pods(0, 100)) }),
    stored('y', { endpoints: endpointsOf(pods(100, 160)) }),
  ];
  expect(written(planSlices(service(), pods(5, 200), slices))).toEqual([
    ['x', 100],
    ['y', 95],
  ]);
  expect(planSlices(service(), pods(100, 160), slices)).toEqual({ write: [], remove: [slices[0]] });
  const otherPorts = stored('y', { ports: [{ ...ports[0], port: 9090 }] });
  expect(written(planSlices(service(), pods(0, 150), [slices[0]!, otherPorts]))).toEqual([['y', 50]]);
});

test('who plans the same creates the same, and no name twice', () => {
  const names = (slices: KubeObject[]) => planSlices(service(), pods(0, 150), slices).write.map((s) => s.metadata.name);
  const [first, second] = names([]);
  expect(names([])).toEqual([first, second]);
  const taken = stored(first ?? '', {}, { labels: {} });
  expect(names([taken])[0]).toBe(second);
});
