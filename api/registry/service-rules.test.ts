import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../../pod/field-error.ts';
import { dns1123Label, portName, qualifiedName } from '../../pod/names.ts';
import { testApi } from '../testing.ts';
import { serviceDefaults } from './service-defaults.ts';
import { loadBalancerErrors, loadBalancerStatusErrors } from './service-load-balancer.ts';
import { portErrors } from './service-ports.ts';
import { trafficErrors } from './service-traffic.ts';

const service = (spec: object, annotations?: Record<string, string>) =>
  serviceDefaults({ metadata: { name: 'web', annotations }, spec });
const port = 'must be a port number from 1 to 65535';

test.each<[string, object, string[]]>([
  ['none', {}, ['spec.ports: Required value']],
  ['none, headless', { clusterIP: 'None' }, []],
  ['none, another name', { type: 'ExternalName' }, []],
  ['one, without a name', { ports: [{ port: 80, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' }] }, []],
  [
    'a wrong one',
    { ports: [{ name: 'A', port: 0, protocol: 'tcp', targetPort: 65536, appProtocol: 'a/b/c' }] },
    [
      `spec.ports[0].name: Invalid value: "A": ${dns1123Label('A')}`,
      `spec.ports[0].port: Invalid value: 0: ${port}`,
      'spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
      `spec.ports[0].targetPort: Invalid value: 65536: ${port}`,
      `spec.ports[0].appProtocol: Invalid value: "a/b/c": ${qualifiedName('a/b/c')}`,
    ],
  ],
  [
    'a wrong name of a port',
    { ports: [{ port: 80, targetPort: '80' }] },
    [`spec.ports[0].targetPort: Invalid value: "80": ${portName('80')}`],
  ],
  [
    'two of a name, one of none, two at a place',
    {
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 1 },
        { port: 1, protocol: 'UDP' },
      ],
    },
    [
      'spec.ports[2].name: Required value',
      'spec.ports[1].name: Duplicate value: "a"',
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}',
    ],
  ],
  [
    'of nodes, where there are none',
    { ports: [{ port: 80, nodePort: 30080 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'of nodes, out of range and twice',
    {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 80 },
        { name: 'b', port: 81, nodePort: 30081 },
        { name: 'c', port: 82, nodePort: 30081 },
        { name: 'd', port: 83, nodePort: 30081, protocol: 'UDP' },
      ],
    },
    [
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
      'spec.ports[2].nodePort: Duplicate value: 30081',
    ],
  ],
])('ports: %s', (_, spec, errors) => {
  expect(portErrors(service(spec)).map(fieldErrorMessage)).toEqual(errors);
});

const at = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
const modes = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints'] as const;

test.each<[string, object, string[]]>([
  [
    'all that may be',
    {
      type: 'LoadBalancer',
      sessionAffinity: 'ClientIP',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30000,
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferSameNode',
      externalIPs: ['192.0.2.1', '2001:db8::1'],
    },
    [],
  ],
  ['outside, a default', { type: 'NodePort' }, []],
  ['an affinity for none is dropped', { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }, []],
  [
    'values that there are not',
    {
      type: 'LoadBalancer',
      sessionAffinity: 'Cookie',
      externalTrafficPolicy: 'Near',
      internalTrafficPolicy: '',
      trafficDistribution: 'Far',
    },
    [
      'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
      'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
      'spec.internalTrafficPolicy: Unsupported value: "": supported values: "Cluster", "Local"',
      'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
    ],
  ],
  ...[0, 86401].map((timeoutSeconds): [string, object, string[]] => [
    `an affinity of ${timeoutSeconds} s`,
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } },
    [`${at}: Invalid value: ${timeoutSeconds}: must be greater than 0 and less than 86400`],
  ]),
  [
    'from outside, where nothing comes from there',
    { externalTrafficPolicy: 'Local', healthCheckNodePort: 30000 },
    [
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    'a health check at no port',
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 65536 },
    [`spec.healthCheckNodePort: Invalid value: 65536: ${port}`],
  ],
  [
    'addresses that no outside has',
    {
      externalIPs: [
        'x',
        '0.0.0.0',
        '::',
        '127.0.0.1',
        '::1',
        '169.254.1.1',
        'fe80::1',
        '224.0.0.1',
        '10.0.0.1',
        '::ffff:a00:1',
      ],
    },
    [
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff',
      'spec.externalIPs[1]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[2]: Invalid value: "::": may not be unspecified (::)',
      'spec.externalIPs[3]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[4]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[5]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[6]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[7]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[9]: Invalid value: "::ffff:a00:1": must not be an IPv4-mapped IPv6 address',
    ],
  ],
])('traffic: %s', (_, spec, errors) => {
  expect(trafficErrors(service(spec)).map(fieldErrorMessage)).toEqual(errors);
});

test('what says twice how traffic is spread says the same', () => {
  const said = (mode: string) => trafficErrors(service({}, { [modes[0]]: mode, [modes[1]]: 'Auto' }));
  expect([said('Auto'), said('Off').map(fieldErrorMessage)]).toEqual([
    [],
    [
      `metadata.annotations[${modes[0]}]: Invalid value: "Off": must match annotations[${modes[1]}] when both are specified`,
    ],
  ]);
});

const only = "may only be used when `type` is 'LoadBalancer'";
const cidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const beyond = 'must not have bits set beyond the prefix length';
const annotated = 'service.beta.kubernetes.io/load-balancer-source-ranges';

test.each<[string, object, Record<string, string>, string[]]>([
  [
    'all that may be',
    {
      type: 'LoadBalancer',
      loadBalancerClass: 'example.com/a',
      allocateLoadBalancerNodePorts: false,
      loadBalancerSourceRanges: [' 10.0.0.0/8 ', '0.0.0.0/0', '2001:db8::/32', '::/0', '10.1.2.3/32'],
    },
    {},
    [],
  ],
  [
    'none of it without one',
    { loadBalancerClass: 'a', allocateLoadBalancerNodePorts: true, loadBalancerSourceRanges: ['10.0.0.0/8'] },
    {},
    [
      `spec.LoadBalancerSourceRanges: Forbidden: ${only}`,
      `spec.allocateLoadBalancerNodePorts: Forbidden: ${only}`,
      `spec.loadBalancerClass: Forbidden: ${only}`,
    ],
  ],
  [
    'wrong ranges',
    {
      type: 'LoadBalancer',
      loadBalancerSourceRanges: ['10.0.0.0', '10.0.0.1/8', '::/129', '2001:db8::1/64', 'a/b', '::ffff:0:0/96'],
    },
    {},
    [
      `spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${cidr}`,
      `spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/8": ${beyond}`,
      `spec.LoadBalancerSourceRanges[2]: Invalid value: "::/129": ${cidr}`,
      `spec.LoadBalancerSourceRanges[3]: Invalid value: "2001:db8::1/64": ${beyond}`,
      `spec.LoadBalancerSourceRanges[4]: Invalid value: "a/b": ${cidr}`,
      'spec.LoadBalancerSourceRanges[5]: Invalid value: "::ffff:0:0/96": must not have an IPv4-mapped IPv6 address',
    ],
  ],
  [
    'wrong ranges in the older place',
    {},
    { [annotated]: '10.0.0.0/8, x' },
    [
      `metadata.annotations[${annotated}]: Forbidden: ${only}`,
      `metadata.annotations[${annotated}]: Invalid value: "x": ${cidr}`,
    ],
  ],
  [
    'a wrong class',
    { type: 'LoadBalancer', loadBalancerClass: '-' },
    {},
    [`spec.loadBalancerClass: Invalid value: "-": ${qualifiedName('-')}`],
  ],
])('load balancer: %s', (_, spec, annotations, errors) => {
  expect(loadBalancerErrors(service(spec, annotations)).map(fieldErrorMessage)).toEqual(errors);
});

test('what a load balancer reports', () => {
  const reported = (type: string, ingress: object[]) =>
    loadBalancerStatusErrors(serviceDefaults({ metadata: {}, spec: { type }, status: { loadBalancer: { ingress } } }));
  const wrong = [
    { ip: 'x', ipMode: 'Any' },
    { ipMode: 'VIP', hostname: '10.0.0.1' },
  ];
  expect([
    reported('LoadBalancer', [{ ip: '192.0.2.1' }, { hostname: 'a.b' }]),
    reported('ClusterIP', [{ ip: '192.0.2.1' }]).map(fieldErrorMessage),
    reported('LoadBalancer', wrong).map(fieldErrorMessage),
  ]).toEqual([
    [],
    ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
    [
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff',
      'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Any": supported values: "Proxy", "VIP"',
      'status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
  ]);
});

const path = '/api/v1/namespaces/default/services';

test('who replaces a Service without its ports on nodes keeps them', async () => {
  await using api = await testApi();
  const open = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const put = async (method: string, at: string, spec: object) => {
    const { body } = await api.send(method, at, { metadata: { name: 'web' }, spec: { ...open, ...spec } });
    const { healthCheckNodePort, ports } = body.spec ?? {};
    return body.message ?? [healthCheckNodePort, ...ports.map(({ nodePort }: { nodePort?: number }) => nodePort)];
  };
  const [a, b, c] = ['a', 'b', 'c'].map((name, i) => ({ name, port: 80 + i }));
  const ports = [
    { ...a, nodePort: 30000 },
    { ...b, nodePort: 30001 },
  ];
  expect([
    await put('POST', path, { healthCheckNodePort: 30002, ports }),
    await put('PUT', `${path}/web`, { ports: [c, b, a] }),
    await put('PUT', `${path}/web`, { ports: [a, { ...b, nodePort: 30000 }] }),
    await put('PUT', `${path}/web`, { type: 'ClusterIP', externalTrafficPolicy: undefined, ports: [a] }),
  ]).toEqual([
    [30002, 30000, 30001],
    [30002, expect.any(Number), 30001, 30000],
    [30002, expect.any(Number), 30000],
    [undefined, undefined],
  ]);
});

const merge = { 'content-type': 'application/merge-patch+json' };

test('one answer says all that is wrong', async () => {
  await using api = await testApi();
  const spec = { selector: { 'a b': 'c d' }, ports: [{ port: 0, targetPort: 80 }], sessionAffinity: 'x' };
  const { status, body } = await api.send('POST', path, { metadata: { name: 'web' }, spec });
  expect([status, body.reason, body.details.causes.map(({ field }: { field: string }) => field)]).toEqual([
    422,
    'Invalid',
    ['spec.ports[0].port', 'spec.selector', 'spec.selector', 'spec.sessionAffinity'],
  ]);
});

test('what belongs to a type goes with it, and what may not change stays', async () => {
  await using api = await testApi();
  const patch = async (spec: object) => {
    const { body } = await api.send('PATCH', `${path}/web`, { spec }, merge);
    const { clusterIP: _1, clusterIPs: _2, ipFamilies: _3, ipFamilyPolicy: _4, ...rest } = body.spec ?? {};
    return body.details?.causes.map(({ field, message }: Record<string, string>) => `${field}: ${message}`) ?? rest;
  };
  const one = { port: 80, nodePort: 30080 };
  const spec = {
    type: 'LoadBalancer',
    ports: [one],
    loadBalancerClass: 'example.com/a',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30001,
    sessionAffinity: 'ClientIP',
  };
  await api.send('POST', path, { metadata: { name: 'web' }, spec });
  const port = { port: 80, targetPort: 80, protocol: 'TCP' };
  const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
  const inside = { type: 'ClusterIP', ports: [port], sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' };
  expect([
    await patch({ loadBalancerClass: 'example.com/b', healthCheckNodePort: 30002 }),
    await patch({ type: 'ClusterIP', externalTrafficPolicy: 'Cluster' }),
    await patch({ sessionAffinityConfig: null }),
    await patch({ type: 'ClusterIP', sessionAffinity: 'None' }),
  ]).toEqual([
    [
      'spec.loadBalancerClass: Invalid value: "example.com/b": may not change once set',
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ],
    ['spec.externalTrafficPolicy: Invalid value: "Cluster": may only be set for externally-accessible services'],
    {
      ...spec,
      ports: [{ ...port, nodePort: 30080 }],
      sessionAffinityConfig,
      internalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    },
    inside,
  ]);
});
