import { expect, test } from 'vitest';
import { container, podView } from './fixtures.ts';
import { MAX_GRACE_SECONDS } from './grace.ts';
import type { Container, ObjectMeta, Pod, PodSpec, PodStatus } from './types.ts';
import { type ContainerView, INIT_IMAGE_CHANGE, type PodView, podTitle, viewOf } from './view.ts';

/** A Pod as stored, of one container `main` and what else is given. */
const pod = (spec: Partial<PodSpec> = {}, metadata: Partial<ObjectMeta> = {}, status?: Partial<PodStatus>): Pod => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '7', ...metadata },
  spec: { nodeName: 'box', containers: [{ name: 'main', image: 'image:v1' }], ...spec },
  ...(status && { status: status as PodStatus }),
});
const BASE = podView({ resourceVersion: '7', containers: [container('main', 'main', { resources: {} })] });
const gates = [{ conditionType: 'a' }, { conditionType: 'b' }];
const condition = (type: string, status: string) => ({ type, status });

test.each<[string, Pod, Partial<PodView>]>([
  ['nothing but a container', pod(), {}],
  ['no node yet', pod({ nodeName: undefined }), { nodeName: undefined }],
  ['held back', pod({ schedulingGates: [{ name: 'g' }] }), { gated: true }],
  ['no longer held back', pod({ schedulingGates: [] }), {}],
  ['its generation', pod({}, { generation: 3 }), { generation: 3 }],
  [
    'how it restarts and ends',
    pod({ restartPolicy: 'Never', terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 9 }),
    { restartPolicy: 'Never', graceSeconds: 0, activeDeadlineSeconds: 9 },
  ],
  [
    'gates, when it has no status',
    pod({ readinessGates: gates }),
    {
      readinessGates: [
        { type: 'a', met: false },
        { type: 'b', met: false },
      ],
    },
  ],
  [
    'gates, of which one is met',
    pod({ readinessGates: gates }, {}, { conditions: [condition('a', 'False'), condition('b', 'True')] as never }),
    {
      readinessGates: [
        { type: 'a', met: false, status: 'False' },
        { type: 'b', met: true, status: 'True' },
      ],
    },
  ],
  [
    'deletion',
    pod({}, { deletionTimestamp: '2026-01-02T03:04:05Z', deletionGracePeriodSeconds: 5 }),
    { deletion: { at: '2026-01-02T03:04:05Z', graceSeconds: 5 } },
  ],
  [
    'a grace period longer than any wait',
    pod(
      { terminationGracePeriodSeconds: Number.MAX_SAFE_INTEGER },
      { deletionTimestamp: '2125-12-09T03:04:05Z', deletionGracePeriodSeconds: 400_000_000_000 },
    ),
    {
      graceSeconds: MAX_GRACE_SECONDS,
      deletion: { at: '2125-12-09T03:04:05Z', graceSeconds: MAX_GRACE_SECONDS },
    },
  ],
  [
    "upstream's rule for init images",
    pod({}, { annotations: { [INIT_IMAGE_CHANGE]: 'Ignore' } }),
    { initImageChange: 'Ignore' },
  ],
  ['a word that is no such rule', pod({}, { annotations: { [INIT_IMAGE_CHANGE]: 'ignore' } }), {}],
])('of a Pod: %s', (_, given, expected) => expect(viewOf(given)).toEqual({ ...BASE, ...expected }));

test('containers are in the order of their lives, and init containers that go on are sidecars', () => {
  const named = (name: string, more: object = {}) => ({ name, image: 'image:v1', ...more }) as Container;
  const given = pod({
    ephemeralContainers: [named('debug')] as never,
    containers: [named('main'), named('more')],
    initContainers: [
      named('init'),
      named('side', { restartPolicy: 'Always' }),
      named('last', { restartPolicy: 'Never' }),
    ],
  });
  expect(viewOf(given).containers).toEqual([
    container('init', 'init', { resources: {} }),
    container('side', 'sidecar', { resources: {}, restartPolicy: 'Always' }),
    container('last', 'init', { resources: {}, restartPolicy: 'Never' }),
    container('main', 'main', { resources: {} }),
    container('more', 'main', { resources: {} }),
    container('debug', 'ephemeral'),
  ]);
});

const probe = { exec: { command: ['true'] } };
const rule = (action: string, exitCodes?: object) => ({ action, ...(exitCodes && { exitCodes }) }) as never;

test.each<[string, Partial<Container>, Partial<ContainerView>]>([
  ['its pull policy', { imagePullPolicy: 'Always' }, { pullPolicy: 'Always' }],
  ['an image that is still to be given', { image: undefined }, { image: '' }],
  ['its hooks', { lifecycle: { postStart: probe, preStop: probe } }, { postStart: true, preStop: true }],
  [
    'its probes, and how long it may take to end for them',
    {
      startupProbe: { ...probe, terminationGracePeriodSeconds: 0 },
      livenessProbe: { ...probe, terminationGracePeriodSeconds: 5 },
      readinessProbe: probe,
    },
    { probes: { startup: true, liveness: true, readiness: true }, probeGrace: { startup: 0, liveness: 5 } },
  ],
  ['a probe without that', { livenessProbe: probe }, { probes: { startup: false, liveness: true, readiness: false } }],
  [
    'its restart rules',
    {
      restartPolicy: 'Never',
      restartPolicyRules: [
        rule('Restart', { operator: 'NotIn', values: [0, 1] }),
        rule('RestartAllContainers', { operator: 'In', values: [42] }),
      ],
    },
    {
      restartPolicy: 'Never',
      restartRules: [
        { action: 'Restart', operator: 'NotIn', exitCodes: [0, 1] },
        { action: 'RestartAllContainers', operator: 'In', exitCodes: [42] },
      ],
    },
  ],
  [
    'its resources, and for which it restarts',
    {
      resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' }, claims: [{ name: 'gpu' }] },
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      ],
    },
    { resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } }, resizeRestarts: ['memory'] },
  ],
  [
    'nothing of its environment',
    { env: [{ name: 'PASSWORD', value: 'secret' }], command: ['run'], args: ['secret'] },
    {},
  ],
])('of a container: %s', (_, more, expected) => {
  const { containers } = viewOf(pod({ containers: [{ name: 'main', image: 'image:v1', ...more }] }));
  expect(containers).toEqual([container('main', 'main', { resources: {}, ...expected })]);
});

test("its title in the kubelet's messages", () => expect(podTitle(BASE)).toBe('web_default(u)'));
