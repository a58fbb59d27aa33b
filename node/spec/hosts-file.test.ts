import { expect, test } from 'vitest';
import { hostsFile } from './hosts-file.ts';
import { testPod } from './test-pod.ts';

const top = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;
const hostAliases = [{ ip: '192.0.2.9', hostnames: ['a', 'b'] }];
const aliases = '\n# Entries added by HostAliases.\n192.0.2.9\ta\tb\n';

test.each([
  ['addresses', testPod(), `${top}10.0.0.7\tweb\nfd00::7\tweb\n`],
  ['aliases', testPod({ hostAliases }), `${top}10.0.0.7\tweb\nfd00::7\tweb\n${aliases}`],
  [
    'a domain',
    testPod({ subdomain: 's' }),
    `${top}10.0.0.7\tweb.s.shop.svc.cluster.local\tweb\nfd00::7\tweb.s.shop.svc.cluster.local\tweb\n`,
  ],
  [
    'the host network',
    testPod({ hostNetwork: true, hostAliases }),
    `# Kubernetes-managed hosts file (host network).\n127.0.0.1 box\n${aliases}`,
  ],
])('%s', (_, pod, expected) => {
  expect(hostsFile(pod, ['10.0.0.7', 'fd00::7'], '127.0.0.1 box\n')).toBe(expected);
});
