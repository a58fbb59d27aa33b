import { expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import { podDns } from './dns.ts';
import { testPod } from './test-pod.ts';

const resolvConf =
  'nameserver 192.0.2.53\nsearch old\nsearch corp.example. .\noptions ndots:1\noptions ndots:2 rotate\n# nameserver 9.9.9.9\n';
const host = { servers: ['192.0.2.53'], searches: ['corp.example'], options: ['ndots:2', 'rotate'] };

const table: [string, Partial<Pod['spec']>, object, string[]][] = [
  ['Default', { dnsPolicy: 'Default' }, host, []],
  ['ClusterFirst', { dnsPolicy: 'ClusterFirst' }, host, []],
  ['ClusterFirstWithHostNet', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, host, []],
  [
    'None',
    { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a'], options: [{ name: 'edns0' }] } },
    { servers: ['1.1.1.1'], searches: ['a'], options: ['edns0'] },
    [],
  ],
  [
    'additions',
    { dnsConfig: { nameservers: ['192.0.2.53', '1.1.1.1'], options: [{ name: 'ndots', value: '9' }] } },
    { servers: ['192.0.2.53', '1.1.1.1'], searches: ['corp.example'], options: ['ndots:9', 'rotate'] },
    [],
  ],
  [
    'too many servers, together with those of the host',
    { dnsConfig: { nameservers: ['1', '2', '3'] } },
    { ...host, servers: ['192.0.2.53', '1', '2'] },
    [
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.53 1 2',
    ],
  ],
  [
    'too long searches',
    { dnsPolicy: 'None', dnsConfig: { searches: ['ok', 'x'.repeat(254)] } },
    { servers: [], searches: ['ok'], options: [] },
    ['Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ok'],
  ],
];
test.each(table)('%s', (_, spec, dns, warnings) => {
  expect(podDns(testPod(spec), resolvConf)).toEqual({ dns, warnings });
});
