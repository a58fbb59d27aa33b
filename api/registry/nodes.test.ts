import { expect, test } from 'vitest';
import { type Answer, testApi } from '../testing.ts';

const path = '/api/v1/nodes';
const merge = { 'content-type': 'application/merge-patch+json' };

/** The code, and what is said to be wrong. */
const told = ({ status, body }: Answer) => [
  status,
  ...(body.details?.causes ?? []).map(({ field, message }: Record<string, string>) => `${field}: ${message}`),
];
const lines = (expected: (string | RegExp)[]) =>
  expected.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line)));

const TAINTS: (string | RegExp)[] = [
  /^metadata\.taints\[0\]\.key: Invalid value: "a b"/,
  /^metadata\.taints\[0\]\.value: Invalid value: "-"/,
  'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
  'metadata.taints[1].effect: Required value',
  'metadata.taints[3]: Duplicate value: {"key":"c","value":"y","effect":"NoExecute"}: taints must be unique by key and effect pair',
];
const taints = [
  { key: 'a b', value: '-', effect: 'Never' },
  { key: 'b', effect: '' },
  { key: 'c', value: 'x', effect: 'NoExecute' },
  { key: 'c', value: 'y', effect: 'NoExecute' },
  { key: 'c', value: 'y', effect: 'NoSchedule' },
];

test.each<[string, object, (string | RegExp)[]]>([
  ['taints', { spec: { taints } }, TAINTS],
  [
    'ranges of addresses',
    { spec: { podCIDRs: ['10.0.0.0/33', '10.0.1.1/24'] } },
    [
      'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.podCIDRs[1]: Invalid value: "10.0.1.1/24": must not have bits set beyond the prefix length',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/33","10.0.1.1/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
  [
    'one range in its older place',
    { spec: { podCIDR: 'x' } },
    ['spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
  [
    'status',
    {
      status: {
        capacity: { cpu: '-1', 'example.com/gpu': '1500m' },
        allocatable: { memory: '-1Ki' },
        declaredFeatures: ['B', 'a', 'B', 'B'],
      },
    },
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.example.com/gpu: Invalid value: "1500m": must be an integer',
      'status.allocatable.memory: Invalid value: "-1Ki": must be greater than or equal to 0',
      /^status\.declaredFeatures\[1\]: Invalid value: "a": must be names/,
      'status.declaredFeatures[2]: Invalid value: "B": list must be sorted alphabetically',
      'status.declaredFeatures[3]: Duplicate value: "B"',
    ],
  ],
])('a new Node with wrong %s is refused', async (_, fields, expected) => {
  await using api = await testApi();
  expect(told(await api.send('POST', path, { metadata: { name: 'box' }, ...fields }))).toEqual([
    422,
    ...lines(expected),
  ]);
});

test('what is said once stays, and what may be said later is looked at', async () => {
  await using api = await testApi();
  const spec = { podCIDRs: ['10.0.0.0/24', 'fd00::/64'], providerID: 'kind://box' };
  const { body } = await api.send('POST', path, { metadata: { name: 'box' }, spec });
  expect(body.spec).toEqual({ ...spec, podCIDR: '10.0.0.0/24' });
  await api.send('POST', path, { metadata: { name: 'late' } });
  const patch = async (name: string, fields: object) =>
    told(await api.send('PATCH', `${path}/${name}`, { spec: fields }, merge));
  expect([
    await patch('box', { podCIDR: '10.0.1.0/24' }),
    await patch('box', { podCIDR: null, podCIDRs: null }),
    await patch('box', { providerID: 'kind://other' }),
    await patch('box', { externalID: 'x' }),
    await patch('box', { taints }),
    await patch('box', { unschedulable: true, taints: taints.slice(2, 3) }),
    await patch('late', { podCIDR: '10.0.1.0/24', providerID: 'kind://late' }),
  ]).toEqual([
    [422, 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
    [422, 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
    [422, 'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
    [422, 'spec.externalID: Forbidden: may not be updated'],
    [422, ...lines(TAINTS)],
    [200],
    [200],
  ]);
});

test('what a Node reports later is looked at, too', async () => {
  await using api = await testApi();
  await api.send('POST', path, { metadata: { name: 'box' } });
  const address = { type: 'InternalIP', address: '10.0.0.1' };
  const patch = async (fields: object) => told(await api.send('PATCH', `${path}/box/status`, fields, merge));
  expect([
    await patch({ metadata: { labels: { a: '-' } } }),
    await patch({ status: { capacity: { cpu: '-1' }, addresses: [address, address] } }),
    await patch({ status: { capacity: { cpu: '1' }, addresses: [address, { ...address, type: 'ExternalIP' }] } }),
  ]).toEqual([
    [422, expect.stringMatching(/^metadata\.labels: Invalid value: "-"/)],
    [
      422,
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      `status.addresses[1]: Duplicate value: ${JSON.stringify(address)}`,
    ],
    [200],
  ]);
});

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

test.each<[object, unknown[]]>([
  [{ leaseDurationSeconds: 0 }, [422, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  [{ leaseTransitions: -1 }, [422, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
  [{ leaseDurationSeconds: 1, leaseTransitions: 0, holderIdentity: 'a', strategy: 'x', preferredHolder: 'y' }, [201]],
  [{}, [201]],
])('a lease of %j: %j', async (spec, expected) => {
  await using api = await testApi();
  const answer = await api.send('POST', leases, { metadata: { name: 'a' }, spec });
  expect([told(answer), answer.body.spec?.strategy, answer.body.spec?.preferredHolder]).toEqual([
    expected,
    undefined,
    undefined,
  ]);
});

const classes = '/apis/node.k8s.io/v1/runtimeclasses';
const toleration = { key: 'a', operator: 'Exists' };

test.each<[object, (string | RegExp)[]]>([
  [{}, ['handler: Required value']],
  [{ handler: 'A' }, [/^handler: Invalid value: "A"/]],
  [
    { handler: 'runc', overhead: { podFixed: { cpu: '-1', disk: '1' } } },
    [
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      /^overhead\.limits\[disk\]: Invalid/,
    ],
  ],
  [
    {
      handler: 'runc',
      scheduling: { nodeSelector: { a: '-' }, tolerations: [toleration, { operator: '' }, toleration] },
    },
    [
      /^scheduling\.nodeSelector: Invalid value: "-"/,
      /^scheduling\.tolerations\[1\]\.operator: Invalid value: ""/,
      'scheduling.tolerations[2]: Duplicate value: {"key":"a","operator":"Exists"}',
    ],
  ],
])('a runtime class of %j is refused', async (fields, expected) => {
  await using api = await testApi();
  expect(told(await api.send('POST', classes, { metadata: { name: 'a' }, ...fields }))).toEqual([
    422,
    ...lines(expected),
  ]);
});

test('the handler of a runtime class stays', async () => {
  await using api = await testApi();
  await api.send('POST', classes, { metadata: { name: 'a' }, handler: 'runc' });
  expect(told(await api.send('PATCH', `${classes}/a`, { handler: 'kata' }, merge))).toEqual([
    422,
    'handler: Invalid value: "kata": field is immutable',
  ]);
});
