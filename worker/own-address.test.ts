import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { ownAddress } from './own-address.ts';

const address = (text: string) =>
  ({ address: text, family: text.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;
const interfaces = (given: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries({ lo: ['127.0.0.1', '::1'], ...given }).map(([name, list]) => [name, list.map(address)]),
  );

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT      \n';
const ipv4 = (name: string, destination = '00000000', mask = '00000000', flags = '0003') =>
  `${name}\t${destination}\t010200C0\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0          \n`;
const zero = '0'.repeat(32);
const ipv6 = (
  name: string,
  { destination = zero, length = '00', via = `fd${'0'.repeat(29)}1`, flags = '00000003' } = {},
) => `${destination} ${length} ${zero} 00 ${via} 00000400 00000002 00000000 ${flags} ${name.padStart(8)}\n`;
const unreachable = ipv6('lo', { via: zero, flags: '00200200' });

const two = { br0: ['10.1.0.1'], eth0: ['192.0.2.2', 'fe80::1', 'fd00::2'] };
const cases: [string, string, string, Record<string, string[]>, string][] = [
  ['the default route says which', ipv4('br0', '0000010A', '0000FFFF') + ipv4('eth0'), '', two, '192.0.2.2'],
  ['whatever it is called', ipv4('br0'), '', two, '10.1.0.1'],
  ['half of everything is not the default', ipv4('br0', '00000000', '00000080') + ipv4('eth0'), '', two, '192.0.2.2'],
  [
    'a route that refuses leads nowhere',
    ipv4('br0', '00000000', '00000000', '0201') + ipv4('eth0'),
    '',
    two,
    '192.0.2.2',
  ],
  ['the first that has an address', ipv4('gone') + ipv4('eth0') + ipv4('br0'), '', two, '192.0.2.2'],
  ['IPv4 first', ipv4('br0'), ipv6('eth0'), two, '10.1.0.1'],
  ['IPv6 alone', '', ipv6('eth0') + unreachable, two, 'fd00::2'],
  ['IPv4 without an address', ipv4('tun0'), ipv6('eth0'), { eth0: two.eth0 }, 'fd00::2'],
  [
    'no gateway',
    '',
    ipv6('ppp0', { via: zero, flags: '00000001' }),
    { ppp0: ['fe80::1', '2001:db8::1'] },
    '2001:db8::1',
  ],
  [
    'a network is not the default',
    '',
    ipv6('eth0', { destination: `fd${'0'.repeat(30)}`, length: '40' }),
    two,
    '127.0.0.1',
  ],
  ['half of it neither', '', ipv6('eth0', { length: '01' }), two, '127.0.0.1'],
  ['of its link alone', ipv4('eth0'), ipv6('eth0'), { eth0: ['169.254.7.7', 'fe80::1'] }, '127.0.0.1'],
  ['kept on the loopback', ipv4('eth0'), '', { lo: ['127.0.0.1', '198.51.100.7'], eth0: ['fe80::1'] }, '198.51.100.7'],
  ['no way out', '', unreachable, two, '127.0.0.1'],
];

test.each(cases)('%s', (_, ipv4Routes, ipv6Routes, given, expected) => {
  const network = { ipv4Routes: HEAD + ipv4Routes, ipv6Routes, interfaces: interfaces(given) };
  expect(ownAddress(network)).toBe(expected);
});

test('no routes at all', () => {
  expect(ownAddress({ ipv4Routes: '', ipv6Routes: '', interfaces: {} })).toBe('127.0.0.1');
});
