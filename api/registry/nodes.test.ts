import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/api/v1/nodes';
const merge = { 'content-type': 'application/merge-patch+json' };

const TAINTS: string[] = [
  expect.stringMatching(/^metadata\.taints\[0\]\.key: Invalid value: "a b"/),
  expect.stringMatching(/^metadata\.taints\[0\]\.value: Invalid value: "-"/),
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

test.each<[string, object, string[]]>([
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
    'what is IPv4 in IPv6',
    { spec: { podCIDRs: ['::ffff:10.0.0.0/112'] } },
    ['spec.podCIDRs[0]: Invalid value: "::ffff:10.0.0.0/112": must not have an IPv4-mapped IPv6 address'],
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
      expect.stringMatching(/^status\.declaredFeatures\[1\]: Invalid value: "a": must be names/),
      'status.declaredFeatures[2]: Invalid value: "B": list must be sorted alphabetically',
      'status.declaredFeatures[3]: Duplicate value: "B"',
    ],
  ],
])('a new Node with wrong %s is refused', async (_, fields, expected) => {
  await using api = await testApi();
  expect(told(await api.send('POST', path, { metadata: { name: 'box' }, ...fields }))).toEqual([422, ...expected]);
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
    [422, ...TAINTS],
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

test('what a client takes away of the taints of a pressure that lasts is there again at once', async () => {
  await using api = await testApi();
  const taint = { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' };
  await api.send('POST', path, { metadata: { name: 'box' } });
  const conditions = [{ type: 'DiskPressure', status: 'True' }];
  await api.send('PATCH', `${path}/box/status`, { status: { conditions } }, merge);
  const spec = async (given: object[] | null) =>
    (await api.send('PATCH', `${path}/box`, { spec: { taints: given } }, merge)).body.spec;
  const own = { key: 'mine', effect: 'NoExecute' };
  expect([await spec(null), await spec([own])]).toEqual([{ taints: [taint] }, { taints: [own, taint] }]);
});
