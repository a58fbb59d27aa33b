import { describe, expect, test } from 'vitest';
import { containerStatus, isReady } from './container-status.ts';
import { container, ENDED, ended, exitOf, podView, runs, STARTED, waits } from './fixtures.ts';
import type { ContainerRecord } from './record.ts';
import type { ContainerStatus } from './types.ts';
import type { ContainerView } from './view.ts';

const MAIN = container('main');
const BASE = {
  name: 'main',
  image: 'image:v1',
  imageID: '',
  ready: false,
  started: false,
  restartCount: 0,
  lastState: {},
};
const terminated = (exitCode: number, more: object = {}) => ({
  terminated: {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: STARTED,
    finishedAt: ENDED,
    containerID: 'cri://main',
    ...more,
  },
});
const containerID = 'cri://main';
const before = { id: 'cri://before', exit: exitOf(1) };
const lastState = terminated(1, { containerID: 'cri://before' });
const crashLoop = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };

test.each<[string, ContainerRecord, object]>([
  ['not started', waits('main'), { state: { waiting: { reason: 'ContainerCreating' } } }],
  [
    'its image cannot be had',
    waits('main', { waiting: { reason: 'ErrImagePull', message: 'no route' } }),
    { state: { waiting: { reason: 'ErrImagePull', message: 'no route' } } },
  ],
  [
    'its postStart hook goes on',
    runs('main', { startedAt: undefined, started: false, ready: false }),
    { containerID, state: { waiting: { reason: 'ContainerCreating' } } },
  ],
  [
    'its startup probe has not succeeded',
    runs('main', { started: false, ready: false }),
    { containerID, state: { running: { startedAt: STARTED } } },
  ],
  [
    'its readiness probe has not succeeded',
    runs('main', { ready: false }),
    { containerID, started: true, state: { running: { startedAt: STARTED } } },
  ],
  [
    'it is ready; its start is shown in whole seconds',
    runs('main', { startedAt: '2026-01-02T03:01:00.987654321Z', imageId: 'sha256:1' }),
    { containerID, imageID: 'sha256:1', ready: true, started: true, state: { running: { startedAt: STARTED } } },
  ],
  ['it completed', ended('main', 0), { containerID, state: terminated(0) }],
  ['it failed', ended('main', 3), { containerID, state: terminated(3) }],
  [
    'all that is known of its end',
    ended('main', 137, { exit: exitOf(137, { reason: 'OOMKilled', signal: 9, message: 'last words' }) }),
    { containerID, state: terminated(137, { reason: 'OOMKilled', signal: 9, message: 'last words' }) },
  ],
  [
    'nobody knows when it started',
    ended('main', 255, { id: undefined, exit: { exitCode: 255, reason: 'Unknown', finishedAt: ENDED } }),
    { state: { terminated: { exitCode: 255, reason: 'Unknown', finishedAt: ENDED } } },
  ],
  [
    'it restarts at once: its end is shown until then',
    waits('main', { attempt: 1, id: containerID, exit: exitOf(3), last: { id: containerID, exit: exitOf(3) } }),
    { containerID, state: terminated(3) },
  ],
  [
    'likewise the second time: still with the count of the attempt that ended',
    waits('main', { attempt: 2, id: containerID, exit: exitOf(3), last: { id: containerID, exit: exitOf(3) } }),
    { containerID, restartCount: 1, state: terminated(3) },
  ],
  [
    'it restarts at once, but could not start',
    waits('main', {
      attempt: 1,
      id: containerID,
      exit: exitOf(128),
      waiting: { reason: 'RunContainerError' },
      last: { id: containerID, exit: exitOf(128) },
    }),
    { containerID, state: { waiting: { reason: 'RunContainerError' } }, lastState: terminated(128) },
  ],
  [
    'it is in a back-off',
    waits('main', { attempt: 1, id: containerID, waiting: crashLoop, last: { id: containerID, exit: exitOf(3) } }),
    { containerID, state: { waiting: crashLoop }, lastState: terminated(3) },
  ],
  [
    'it runs again',
    runs('main', { attempt: 1, last: before }),
    { containerID, ready: true, started: true, restartCount: 1, state: { running: { startedAt: STARTED } }, lastState },
  ],
  [
    'it runs again, and its postStart hook goes on',
    runs('main', { attempt: 1, startedAt: undefined, started: false, ready: false, last: before }),
    { containerID, restartCount: 1, state: { waiting: { reason: 'ContainerCreating' } }, lastState },
  ],
  [
    'it ended again',
    ended('main', 0, { attempt: 2, last: before }),
    { containerID, restartCount: 2, state: terminated(0), lastState },
  ],
  [
    'its Pod starts anew, and the runtime has forgotten the container',
    waits('main', { attempt: 1, last: before }),
    { containerID: 'cri://before', state: { waiting: { reason: 'ContainerCreating' } }, lastState },
  ],
])('%s', (_, record, expected) => {
  expect(containerStatus(podView(), MAIN, record)).toEqual({ ...BASE, ...expected });
});

test('an ephemeral container is not ready, and does not say whether it has started', () => {
  const { started: _, ...base } = BASE;
  const status = containerStatus(podView(), container('main', 'ephemeral'), runs('main'));
  expect(status).toStrictEqual({ ...base, containerID, state: { running: { startedAt: STARTED } } });
});

test.each<[string, ContainerView['kind'][]]>([
  ['init containers', ['init', 'main']],
  ['sidecars', ['sidecar', 'main']],
])('what waits in a Pod with %s waits for its initialization', (_, kinds) => {
  const pod = podView({ containers: kinds.map((kind) => container(kind, kind)) });
  const states = pod.containers.map((c) => containerStatus(pod, c, waits(c.name)).state);
  expect(states).toEqual(Array(2).fill({ waiting: { reason: 'PodInitializing' } }));
});

test('while it runs the image it was started with is shown, while it waits the one it starts with next', () => {
  const view = container('main', 'main', { image: 'image:v2' });
  const images = [runs('main'), ended('main', 0), waits('main', { attempt: 1 })].map(
    (record) => containerStatus(podView(), view, record).image,
  );
  expect(images).toEqual(['image:v1', 'image:v1', 'image:v2']);
});

describe('resources (KEP-1287)', () => {
  const small = { requests: { cpu: '100m' } };
  const big = { requests: { cpu: '200m' } };
  const limits = { limits: { cpu: '1' } };
  test.each<[string, ContainerRecord, object | undefined, Pick<ContainerStatus, 'allocatedResources' | 'resources'>]>([
    ['ephemeral containers have none', runs('main', { resources: small }), undefined, {}],
    [
      'what runs shows what it runs with',
      runs('main', { resources: small }),
      big,
      { allocatedResources: big.requests, resources: small },
    ],
    [
      'or what it was granted, where that is not known',
      runs('main'),
      big,
      { allocatedResources: big.requests, resources: big },
    ],
    [
      'what waits shows what it was granted',
      waits('main', { resources: small }),
      big,
      { allocatedResources: big.requests, resources: big },
    ],
    ['limits alone', waits('main'), limits, { resources: limits }],
  ])('%s', (_, record, allocated, expected) => {
    const { allocatedResources, resources } = containerStatus(podView(), MAIN, record, allocated);
    expect({ allocatedResources, resources }).toEqual(expected);
  });
});

test.each<[string, ContainerView['kind'], ContainerRecord, boolean]>([
  ['an init container that runs', 'init', runs('c'), false],
  ['one that completed', 'init', ended('c', 0), true],
  ['one that failed', 'init', ended('c', 1), false],
  ['one that completed and is to run again', 'init', waits('c', { exit: exitOf(0) }), false],
  ['a sidecar that runs', 'sidecar', runs('c'), true],
  ['a main container that runs', 'main', runs('c'), true],
  ['one whose readiness probe fails', 'main', runs('c', { ready: false }), false],
  ['one whose startup probe has not succeeded', 'main', runs('c', { started: false }), false],
  ['one that completed', 'main', ended('c', 0), false],
  ['an ephemeral container that runs', 'ephemeral', runs('c'), false],
])('ready: %s', (_, kind, record, expected) => expect(isReady(container('c', kind), record)).toBe(expected));
