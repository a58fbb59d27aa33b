import { expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';
import { NodeDirs } from '../dirs.ts';
import type { SandboxContext } from './context.ts';
import { buildSandboxSpec } from './sandbox.ts';
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
  ['a runtime class', {}, { runtimeHandler: 'kata' }, { runtimeHandler: 'kata' }],
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
