import { expect, test } from 'vitest';
import { defaultEphemeralContainer, defaultPod, defaultPodTemplate } from './defaults.ts';
import type { Container, Pod, PodSpec, Volume } from './types.ts';

const OUTAGES = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));
const CONTAINER: Container = {
  name: 'c',
  image: 'busybox:v1',
  imagePullPolicy: 'IfNotPresent',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const SPEC: PodSpec = {
  containers: [CONTAINER],
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  serviceAccount: 'default',
  serviceAccountName: 'default',
  terminationGracePeriodSeconds: 30,
  tolerations: OUTAGES,
};

const pod = (spec: object): Pod => ({
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'c', image: 'busybox:v1' }], ...spec } as PodSpec,
});
const defaulted = (spec: object): PodSpec => defaultPod(pod(spec)).spec;
const container = (change: object): Container =>
  defaulted({ containers: [{ name: 'c', image: 'busybox:v1', ...change }] }).containers[0]!;
const volume = (source: object): Volume => defaulted({ volumes: [{ name: 'v', ...source }] }).volumes![0]!;

test('the least Pod, and what is given is not changed', () => {
  const given = pod({});
  const before = structuredClone(given);
  expect(defaultPod(given)).toEqual({ metadata: { name: 'web' }, spec: SPEC });
  expect(given).toEqual(before);
  expect(defaultPod(defaultPod(given))).toEqual(defaultPod(given));
});

test.each<[string, object, object]>([
  ['nulls are absent', { nodeName: null, securityContext: null }, {}],
  ['zeros the API does not keep', { hostNetwork: false, hostPID: false }, {}],
  [
    'answers that are false stay',
    { enableServiceLinks: false, hostUsers: false },
    { enableServiceLinks: false, hostUsers: false },
  ],
  ['zero grace stays', { terminationGracePeriodSeconds: 0 }, { terminationGracePeriodSeconds: 0 }],
  ['the old name of the account', { serviceAccount: 'sa' }, { serviceAccount: 'sa', serviceAccountName: 'sa' }],
  [
    'system priorities',
    { priorityClassName: 'system-node-critical' },
    { priorityClassName: 'system-node-critical', priority: 2_000_001_000 },
  ],
  ['a toleration for everything', { tolerations: [{ operator: 'Exists' }] }, { tolerations: [{ operator: 'Exists' }] }],
  [
    'a toleration for one of both',
    { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }] },
    {
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }, OUTAGES[1]],
    },
  ],
  [
    'a toleration of another effect',
    { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] },
    { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }, ...OUTAGES] },
  ],
  [
    'ports on the host network',
    { hostNetwork: true, containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }] }] },
    {
      hostNetwork: true,
      containers: [{ ...CONTAINER, ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }],
    },
  ],
  [
    'pod-level requests from containers, then from limits',
    {
      containers: [{ ...CONTAINER, resources: { requests: { cpu: '250m' } } }],
      resources: { limits: { cpu: '1', memory: '1024Mi' } },
    },
    {
      containers: [{ ...CONTAINER, resources: { requests: { cpu: '250m' } } }],
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '250m', memory: '1Gi' } },
    },
  ],
  ['an overhead', { overhead: { cpu: '1000m' } }, { overhead: { cpu: '1' } }],
])('%s', (_, spec, change) => expect(defaulted(spec)).toEqual({ ...SPEC, ...change }));

test.each([
  ['busybox', 'Always'],
  ['busybox:latest', 'Always'],
  ['busybox:v1', 'IfNotPresent'],
  ['localhost:5000/busybox', 'Always'],
  [`busybox@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ['Not An Image', 'IfNotPresent'],
])('image %s is pulled %s', (image, policy) => expect(container({ image }).imagePullPolicy).toBe(policy));

const PROBE = { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 };

test.each<[string, object, object]>([
  [
    'a probe',
    { livenessProbe: { httpGet: { port: 80 } } },
    { livenessProbe: { ...PROBE, httpGet: { path: '/', port: 80, scheme: 'HTTP' } } },
  ],
  [
    'zeros in a probe',
    { readinessProbe: { exec: {}, periodSeconds: 0, initialDelaySeconds: 0 } },
    { readinessProbe: { ...PROBE, exec: {} } },
  ],
  [
    'a gRPC probe',
    { startupProbe: { grpc: { port: 1 } } },
    { startupProbe: { ...PROBE, grpc: { port: 1, service: '' } } },
  ],
  [
    'a hook',
    { lifecycle: { preStop: { httpGet: { port: 1 } } } },
    { lifecycle: { preStop: { httpGet: { path: '/', port: 1, scheme: 'HTTP' } } } },
  ],
  [
    'variables',
    {
      env: [
        { name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } },
        { name: 'B', valueFrom: { resourceFieldRef: { resource: 'y' } } },
      ],
    },
    {
      env: [
        { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'x' } } },
        { name: 'B', valueFrom: { resourceFieldRef: { divisor: '0', resource: 'y' } } },
      ],
    },
  ],
  [
    'requests from limits, canonical',
    { resources: { limits: { cpu: '0.5', memory: 1024 }, requests: { cpu: '100.1m' } } },
    { resources: { limits: { cpu: '500m', memory: '1024' }, requests: { cpu: '101m', memory: '1024' } } },
  ],
  ['what is no quantity stays', { resources: { requests: { cpu: 'x' } } }, { resources: { requests: { cpu: 'x' } } }],
])('%s', (_, given, expected) => expect(container(given)).toEqual({ ...CONTAINER, ...expected }));

test.each<[object, object]>([
  [{}, { emptyDir: {} }],
  [{ emptyDir: { sizeLimit: '1024Mi' } }, { emptyDir: { sizeLimit: '1Gi' } }],
  [{ hostPath: { path: '/x' } }, { hostPath: { path: '/x', type: '' } }],
  [{ configMap: { name: 'c' } }, { configMap: { name: 'c', defaultMode: 420 } }],
  [{ secret: { secretName: 's', defaultMode: 0 } }, { secret: { secretName: 's', defaultMode: 0 } }],
  [{ image: { reference: 'a' } }, { image: { reference: 'a', pullPolicy: 'Always' } }],
  [
    { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'f' } }] } },
    { downwardAPI: { defaultMode: 420, items: [{ path: 'x', fieldRef: { apiVersion: 'v1', fieldPath: 'f' } }] } },
  ],
  [
    {
      projected: {
        sources: [
          { serviceAccountToken: { path: 't' } },
          { downwardAPI: { items: [{ path: 'x', resourceFieldRef: {} }] } },
        ],
      },
    },
    {
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
          { downwardAPI: { items: [{ path: 'x', resourceFieldRef: { divisor: '0' } }] } },
        ],
      },
    },
  ],
])('volume %j', (given, expected) => expect(volume(given)).toEqual({ name: 'v', ...expected }));

test('an ephemeral container', () => {
  expect(defaultEphemeralContainer({ name: 'c', image: 'busybox:v1', stdin: true, tty: false })).toEqual({
    ...CONTAINER,
    stdin: true,
  });
});

test('a template is left without what only a Pod gets', () => {
  const limits = { cpu: '1000m' };
  const containers = [{ name: 'c', image: 'busybox:v1', resources: { limits } }];
  expect(defaultPodTemplate({ metadata: {}, spec: { containers, serviceAccount: 'sa' } }).spec).toEqual({
    containers: [{ ...CONTAINER, resources: { limits: { cpu: '1' } } }],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    serviceAccount: 'sa',
    serviceAccountName: 'sa',
    terminationGracePeriodSeconds: 30,
  });
});
