import { describe, expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';
import { NodeDirs } from '../dirs.ts';
import type { SandboxContext } from './context.ts';
import { buildSandboxSpec, sandboxNotes } from './sandbox.ts';
import { testPod } from './test-pod.ts';

const ctx: SandboxContext = { attempt: 1, dirs: new NodeDirs('/state'), resolvConf: 'nameserver 192.0.2.53\n' };

const base: SandboxSpec = {
  pod: { namespace: 'shop', name: 'web', uid: 'uid-1' },
  attempt: 1,
  hostname: 'web',
  logDirectory: '/state/logs/shop_web_uid-1',
  dns: { servers: ['192.0.2.53'], searches: [], options: [] },
  portMappings: [],
  labels: {
    'io.kubernetes.pod.name': 'web',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.uid': 'uid-1',
  },
  annotations: {},
  sysctls: {},
  namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
  supplementalGroups: [],
  privileged: false,
  seccomp: { type: 'RuntimeDefault' },
};

const container = { name: 'main', image: 'busybox:v1' };

const cases: [string, Partial<Pod['spec']>, Partial<SandboxSpec>, Partial<SandboxContext>?][] = [
  ['a plain Pod', {}, {}],
  [
    'host namespaces',
    { hostNetwork: true, hostPID: true, hostIPC: true },
    {
      hostname: '',
      namespaces: { network: 'node', pid: 'node', ipc: 'node' },
    },
  ],
  [
    'a shared process namespace',
    { shareProcessNamespace: true },
    {
      namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' },
    },
  ],
  ['hostname and subdomain', { hostname: 'h', subdomain: 's' }, { hostname: 'h' }],
  [
    'the whole name',
    { hostname: 'h', subdomain: 's', setHostnameAsFQDN: true },
    {
      hostname: 'h.s.shop.svc.cluster.local',
    },
  ],
  [
    'an override',
    { hostname: 'h', subdomain: 's', setHostnameAsFQDN: true, hostnameOverride: 'o.example' },
    {
      hostname: 'o.example',
    },
  ],
  [
    'host ports, those of sidecars too',
    {
      containers: [{ ...container, ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 8081 }] }],
      initContainers: [
        { name: 'init', ports: [{ containerPort: 1, hostPort: 1 }] },
        {
          name: 'side',
          restartPolicy: 'Always',
          ports: [{ containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '127.0.0.1' }],
        },
      ],
    },
    {
      portMappings: [
        { protocol: 'TCP', containerPort: 81, hostPort: 8081 },
        { protocol: 'UDP', containerPort: 53, hostPort: 53, hostIP: '127.0.0.1' },
      ],
    },
  ],
  [
    'the security context',
    {
      securityContext: {
        runAsUser: 0,
        runAsGroup: 3,
        fsGroup: 5,
        supplementalGroups: [6, 7],
        sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '1' }],
      },
    },
    { runAsUser: 0, runAsGroup: 3, supplementalGroups: [5, 6, 7], sysctls: { 'net.ipv4.tcp_syncookies': '1' } },
  ],
  [
    'a privileged init container',
    { initContainers: [{ name: 'i', securityContext: { privileged: true } }] },
    {
      privileged: true,
    },
  ],
  [
    'a runtime class and cgroups',
    {},
    { runtimeHandler: 'kata', cgroupParent: '/durapod/besteffort/poduid-1' },
    {
      runtimeHandler: 'kata',
      cgroupRoot: '/durapod',
    },
  ],
  [
    'cgroups of a guaranteed Pod',
    {
      containers: [
        { ...container, resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } },
      ],
    },
    { cgroupParent: '/durapod/poduid-1' },
    { cgroupRoot: '/durapod' },
  ],
  [
    'an unsafe sysctl that is allowed',
    { securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '9' }] } },
    {
      sysctls: { 'net.core.somaxconn': '9' },
    },
    { allowedUnsafeSysctls: ['net.core.*'] },
  ],
];

test.each(cases)('%s', (_, spec, expected, changes = {}) => {
  expect(buildSandboxSpec(testPod(spec), { ...ctx, ...changes })).toEqual({ ...base, ...expected });
});

test('labels and annotations of the Pod', () => {
  const pod = testPod({}, { labels: { app: 'web', 'io.kubernetes.pod.uid': 'forged' }, annotations: { note: 'x' } });
  const { labels, annotations } = buildSandboxSpec(pod, ctx);
  expect({ labels, annotations }).toEqual({ labels: { app: 'web', ...base.labels }, annotations: { note: 'x' } });
});

test('a long name is cut to 63 bytes, without a dash or dot at the end', () => {
  const name = `${'a'.repeat(62)}-.b`;
  expect(buildSandboxSpec(testPod({}, { name }), ctx).hostname).toBe('a'.repeat(62));
});

const refused: [string, Partial<Pod['spec']>, string, string][] = [
  [
    'a name too long',
    { subdomain: 's'.repeat(60), setHostnameAsFQDN: true },
    'FailedCreatePodSandBox',
    'shorten hostname',
  ],
  [
    'an unsafe sysctl',
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    'SysctlForbidden',
    'forbidden sysctl: "kernel.msgmax"',
  ],
  [
    'a network sysctl of the host',
    { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
    'SysctlForbidden',
    'host net',
  ],
  [
    'an ipc sysctl of the host',
    { hostIPC: true, securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } },
    'SysctlForbidden',
    'host ipc',
  ],
  ['user namespaces', { hostUsers: false }, 'Unsupported', 'hostUsers'],
];

test.each(refused)('refuses %s', (_, spec, reason, message) => {
  expect(() => buildSandboxSpec(testPod(spec), ctx)).toThrow(
    expect.objectContaining({ reason, message: expect.stringContaining(message) }),
  );
});

describe('DNS', () => {
  const host =
    'nameserver 192.0.2.53\nsearch old\nsearch corp.example. .\noptions ndots:1\noptions ndots:2 rotate\n# nameserver 9.9.9.9\n';
  const fromHost = { servers: ['192.0.2.53'], searches: ['corp.example'], options: ['ndots:2', 'rotate'] };
  const cluster = { clusterDns: ['10.96.0.10'] };
  const missing = [expect.objectContaining({ reason: 'MissingClusterDNS' })];
  const table: [string, Partial<Pod['spec']>, Partial<SandboxContext>, object, unknown[]][] = [
    ['ClusterFirst without a cluster DNS', {}, {}, fromHost, missing],
    ['Default', { dnsPolicy: 'Default' }, cluster, fromHost, []],
    [
      'ClusterFirst',
      {},
      cluster,
      {
        servers: ['10.96.0.10'],
        searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example'],
        options: ['ndots:5'],
      },
      [],
    ],
    ['ClusterFirst on the host network', { hostNetwork: true, dnsPolicy: 'ClusterFirst' }, cluster, fromHost, []],
    [
      'ClusterFirstWithHostNet',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      { ...cluster, clusterDomain: 'x' },
      {
        servers: ['10.96.0.10'],
        searches: ['shop.svc.x', 'svc.x', 'x', 'corp.example'],
        options: ['ndots:5'],
      },
      [],
    ],
    [
      'None',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a'], options: [{ name: 'edns0' }] } },
      {},
      {
        servers: ['1.1.1.1'],
        searches: ['a'],
        options: ['edns0'],
      },
      [],
    ],
    [
      'additions',
      {
        dnsPolicy: 'Default',
        dnsConfig: { nameservers: ['192.0.2.53', '1.1.1.1'], options: [{ name: 'ndots', value: '9' }] },
      },
      {},
      {
        servers: ['192.0.2.53', '1.1.1.1'],
        searches: ['corp.example'],
        options: ['ndots:9', 'rotate'],
      },
      [],
    ],
    [
      'too many servers',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['1', '2', '3', '4'] } },
      {},
      {
        servers: ['1', '2', '3'],
        searches: [],
        options: [],
      },
      [{ reason: 'DNSConfigForming', message: expect.stringContaining('the applied nameserver line is: 1 2 3') }],
    ],
    [
      'too long searches',
      { dnsPolicy: 'None', dnsConfig: { searches: ['ok', 'x'.repeat(254)] } },
      {},
      {
        servers: [],
        searches: ['ok'],
        options: [],
      },
      [{ reason: 'DNSConfigForming', message: expect.stringContaining('the applied search line is: ok') }],
    ],
  ];
  test.each(table)('%s', (_, spec, changes, dns, notes) => {
    const context = { ...ctx, resolvConf: host, ...changes };
    expect(buildSandboxSpec(testPod(spec), context).dns).toEqual(dns);
    expect(sandboxNotes(testPod(spec), context)).toEqual(notes);
  });
});
