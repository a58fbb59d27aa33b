import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const merge = { 'content-type': 'application/merge-patch+json' };
const ipv4 = (...addresses: string[]) => ({ addressType: 'IPv4', endpoints: [{ addresses }] });
const of = (addressType: string, ...addresses: string[]) => ({ addressType, endpoints: [{ addresses }] });
const times = (n: number, item: (i: number) => unknown) => Array.from({ length: n }, (_, i) => item(i));
const NO_IP = 'must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff';
const LOOPBACK = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
const a = 'endpoints[0].addresses';

test('a port is of TCP when it does not say, and topology is dropped', async () => {
  await using api = await testApi();
  const slice = {
    metadata: { name: 'a' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { zone: 'a' } }],
    ports: [{ port: 80 }, { port: 53, protocol: 'UDP', name: 'dns' }],
  };
  const { body } = await api.send('POST', path, slice);
  expect([body.ports, body.endpoints]).toEqual([
    [
      { name: '', protocol: 'TCP', port: 80 },
      { name: 'dns', protocol: 'UDP', port: 53 },
    ],
    [{ addresses: ['10.0.0.1'] }],
  ]);
});

test.each<[string, object, string[]]>([
  ['no type', { endpoints: [] }, ['addressType: Required value']],
  [
    'a type that there is not',
    of('IP', 'x'),
    ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [
    'a type that is no type either',
    of('toString', 'x'),
    ['addressType: Unsupported value: "toString": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  ['no address', ipv4(), [`${a}: Required value: must contain at least 1 address`]],
  ['what is no address', ipv4('10.0.0.1', '300.0.0.1'), [`${a}[1]: Invalid value: "300.0.0.1": ${NO_IP}`]],
  ['leading zeros', ipv4('010.0.0.1'), [`${a}[0]: Invalid value: "010.0.0.1": ${NO_IP}`]],
  ['its own host', ipv4('127.0.0.1'), [`${a}[0]: Invalid value: "127.0.0.1": ${LOOPBACK}`]],
  ['the other family', ipv4('2001:db8::1'), [`${a}: Invalid value: "2001:db8::1": must be an IPv4 address`]],
  ['the one family', of('IPv6', '10.0.0.1'), [`${a}: Invalid value: "10.0.0.1": must be an IPv6 address`]],
  [
    'another way to write it',
    of('IPv6', '2001:DB8:0::1'),
    [`${a}[0]: Invalid value: "2001:DB8:0::1": must be in canonical form ("2001:db8::1")`],
  ],
  [
    'a mapped one',
    of('IPv6', '::ffff:10.0.0.1'),
    [`${a}[0]: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address`],
  ],
  [
    'names that are not whole',
    of('FQDN', 'example', 'a_b.c', ''),
    [
      `${a}[0]: Invalid value: "example": should be a domain with at least two segments separated by dots`,
      expect.stringMatching(/^endpoints\[0\]\.addresses\[1\]: Invalid value: "a_b\.c": must be a DNS subdomain/),
      `${a}[2]: Required value`,
    ],
  ],
  [
    'names that are none',
    {
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          hostname: 'a.b',
          nodeName: 'A',
          hints: { forZones: [{ name: '-' }, { name: '-' }], forNodes: [{ name: 'A' }] },
        },
      ],
    },
    [
      expect.stringMatching(/^endpoints\[0\]\.nodeName: Invalid value: "A"/),
      expect.stringMatching(/^endpoints\[0\]\.hostname: Invalid value: "a\.b"/),
      'endpoints[0].hints.forZones[1].name: Duplicate value: "-"',
      expect.stringMatching(/^endpoints\[0\]\.hints\.forZones\[0\]\.name: Invalid value: "-"/),
      expect.stringMatching(/^endpoints\[0\]\.hints\.forZones\[1\]\.name: Invalid value: "-"/),
      expect.stringMatching(/^endpoints\[0\]\.hints\.forNodes\[0\]\.name: Invalid value: "A"/),
    ],
  ],
  [
    'ports',
    {
      ...ipv4('10.0.0.1'),
      ports: [
        { port: 70_000 },
        { port: 80, protocol: 'HTTP' },
        { name: 'A', port: -1 },
        { name: 'b', appProtocol: '/', protocol: '' },
      ],
    },
    [
      'ports[0].port: Invalid value: 70000: must be a whole number from 0 to 65535',
      'ports[1].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
      expect.stringMatching(/^ports\[2\]\.name: Invalid value: "A"/),
      'ports[2].port: Invalid value: -1: must be a whole number from 0 to 65535',
      'ports[3].protocol: Required value',
      expect.stringMatching(/^ports\[3\]\.appProtocol: Invalid value: "\/"/),
      expect.stringMatching(/^ports\[3\]\.appProtocol: Invalid value: "\/"/),
      'ports[1].name: Duplicate value: ""',
    ],
  ],
  [
    'too many endpoints',
    { addressType: 'IPv4', endpoints: times(1001, () => ({ addresses: [] })) },
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  [
    'too many addresses',
    ipv4(...(times(101, (i) => `10.0.0.${i}`) as string[])),
    [`${a}: Too many: 101: must have at most 100 items`],
  ],
  [
    'too many ports',
    { ...ipv4('10.0.0.1'), ports: times(20_001, () => ({})) },
    ['ports: Too many: 20001: must have at most 20000 items'],
  ],
  [
    'too many hints',
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: times(9, (i) => ({ name: `z${i}` })) } }],
    },
    ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
  ],
])('refused: %s', async (_, fields, expected) => {
  await using api = await testApi();
  const answer = await api.send('POST', path, { metadata: { name: 'a' }, ...fields });
  expect(told(answer)).toEqual([422, ...expected]);
});

test.each([
  ['IPv4', '10.0.0.1'],
  ['IPv6', '2001:db8::1'],
  ['FQDN', 'example.com.'],
])('taken: %s %s', async (addressType, address) => {
  await using api = await testApi();
  expect((await api.send('POST', path, { metadata: { name: 'a' }, ...of(addressType, address) })).status).toBe(201);
});

test('the type stays, and what was not always refused may', async () => {
  await using api = await testApi();
  const key = { resource: 'endpointslices.discovery.k8s.io', namespace: 'default', name: 'old' };
  const stored = { metadata: { name: 'old', namespace: 'default' }, ...ipv4('127.0.0.1') };
  await api.store.create(key, stored, 'client');
  const patched = async (fields: object) => told(await api.send('PATCH', `${path}/old`, fields, merge));
  expect([
    await patched({ metadata: { labels: { a: 'b' } } }),
    await patched({ addressType: 'FQDN' }),
    await patched(ipv4('127.0.0.2')),
  ]).toEqual([
    [200],
    [422, 'addressType: Invalid value: "FQDN": field is immutable'],
    [422, `${a}[0]: Invalid value: "127.0.0.2": ${LOOPBACK}`],
  ]);
});
