import { expect, test } from 'vitest';
import { errorsOf, specErrors } from './testing.ts';

const DNS = 'spec.dnsConfig';
const NAME =
  "must be a DNS subdomain: lower-case letters, digits, '-' or '.', each part with a letter or digit at both ends (e.g. 'example.com')";
const IP = 'must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff';

test.each<[object, string[]]>([
  [
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.1', '::1'], searches: ['a_b.example.', '.'], options: [{ name: 'ndots' }] },
      hostname: 'a',
      subdomain: 'b',
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['a.b'] }],
    },
    [],
  ],
  [
    { dnsPolicy: 'Local' },
    [
      'spec.dnsPolicy: Unsupported value: "Local": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
    ],
  ],
  [{ dnsPolicy: 'None' }, [`${DNS}: Required value: must provide \`dnsConfig\` when \`dnsPolicy\` is None`]],
  [
    { dnsPolicy: 'None', dnsConfig: {} },
    [`${DNS}.nameservers: Required value: must provide at least one DNS nameserver when \`dnsPolicy\` is None`],
  ],
  [
    { dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', 'x'], options: [{}] } },
    [
      `${DNS}.nameservers: Invalid value: ["1.1.1.1","2.2.2.2","3.3.3.3","x"]: must not have more than 3 nameservers`,
      `${DNS}.nameservers[3]: Invalid value: "x": ${IP}`,
      `${DNS}.options[0]: Required value: must not be empty`,
    ],
  ],
  [{ dnsConfig: { searches: ['A'] } }, [`${DNS}.searches[0]: Invalid value: "A": ${NAME}`]],
  [
    { hostname: 'a.b', subdomain: 'B' },
    ['hostname', 'subdomain'].map(
      (name, i) =>
        `spec.${name}: Invalid value: "${['a.b', 'B'][i]}": must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')`,
    ),
  ],
  [
    { hostnameOverride: 'A', setHostnameAsFQDN: true, hostNetwork: true },
    [
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      `spec.hostnameOverride: Invalid value: "A": ${NAME}`,
    ],
  ],
  [{ hostnameOverride: 'a'.repeat(65) }, ['spec.hostnameOverride: Too long: may not be more than 64 bytes']],
  [
    { hostAliases: [{ ip: 'x', hostnames: ['A'] }] },
    [
      `spec.hostAliases[0].ip: Invalid value: "x": ${IP}`,
      `spec.hostAliases[0].hostnames[0]: Invalid value: "A": ${NAME}`,
    ],
  ],
])('%j', (spec, expected) => expect(specErrors(spec)).toEqual(expected));

test('too many search paths, and too long ones', () => {
  const many = Array.from({ length: 33 }, (_, i) => `s${i}`);
  const long = Array.from({ length: 9 }, () => 'a'.repeat(240));
  expect(specErrors({ dnsConfig: { searches: many } })).toEqual([
    `${DNS}.searches: Invalid value: ${JSON.stringify(many)}: must not have more than 32 search paths`,
  ]);
  expect(specErrors({ dnsConfig: { searches: long } })).toEqual([
    `${DNS}.searches: Invalid value: ${JSON.stringify(long)}: must not have more than 2048 characters (including spaces) in the search list`,
  ]);
});

test('on the host network a port is the host port', () => {
  const errors = errorsOf((pod, main) => {
    pod.spec.hostNetwork = true;
    main.ports = [
      { containerPort: 1, hostPort: 1, protocol: 'TCP' },
      { containerPort: 2, hostPort: 3, protocol: 'TCP' },
    ];
  });
  expect(errors).toEqual([
    'spec.containers[0].ports[1].hostPort: Invalid value: 3: must match `containerPort` when `hostNetwork` is true',
  ]);
});
