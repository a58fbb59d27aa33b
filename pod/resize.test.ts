import { describe, expect, test } from 'vitest';
import { type ContainerRecord, newRecord } from './record.ts';
import {
  type Allocation,
  resizeConditions,
  resizeMessage,
  restartsFor,
  toResize,
  wantedBy,
  wantsResize,
} from './resize.ts';
import type { Container, Pod } from './types.ts';
import { viewOf } from './view.ts';

const small = { requests: { cpu: '100m', memory: '64Mi' } };
const big = { requests: { cpu: '200m', memory: '64Mi' } };

/** A Pod of a sidecar and a main container, both with `resources`. */
const view = (resources: Container['resources'], main: Partial<Container> = {}) =>
  viewOf({
    metadata: { name: 'web', namespace: 'default', uid: 'u', generation: 2 },
    spec: {
      initContainers: [{ name: 'side', image: 'i', restartPolicy: 'Always', resources }],
      containers: [{ name: 'main', image: 'i', resources, ...main }],
    },
  } as Pod);
const both = (resources: object): Allocation => ({ side: resources, main: resources });
const records = (...running: [string, object?][]): ContainerRecord[] =>
  view(small).containers.map((c) => {
    const found = running.find(([name]) => name === c.name);
    return found ? { ...newRecord(c), phase: 'running', resources: found[1] } : newRecord(c);
  });

test('what a Pod wants is what its containers ask for; ephemeral ones ask for nothing', () => {
  const pod = view(small);
  pod.containers.push({ ...pod.containers[1]!, kind: 'ephemeral', name: 'debug', resources: undefined });
  expect(wantedBy(pod)).toEqual(both(small));
  expect(wantedBy({ ...pod, containers: [{ ...pod.containers[0]!, resources: undefined }] })).toBeUndefined();
});

test.each<[string, object, Allocation | undefined, boolean]>([
  ['as granted', small, both(small), false],
  ['as granted, written otherwise', small, both({ requests: { cpu: '0.1', memory: '65536Ki' } }), false],
  ['more cpu', big, both(small), true],
  ['a limit where there was none', { ...small, limits: { cpu: '1' } }, both(small), true],
  ['nothing granted yet', small, undefined, true],
])('a resize is wanted: %s', (_, wanted, allocated, expected) => {
  expect(wantsResize(view(wanted), { allocated })).toBe(expected);
});

test('running containers are resized; the others get it when they start', () => {
  const names = (...running: [string, object?][]) =>
    toResize(view(big), records(...running), { allocated: both(big) }).map((c) => c.name);
  expect(names(['side', small], ['main', big])).toEqual(['side']);
  expect(names(['main', small])).toEqual(['main']);
  expect(names(['main'])).toEqual(['main']);
  expect(names()).toEqual([]);
});

test.each<[string, string[], object | undefined, boolean]>([
  ['its policy is for what changes', ['cpu'], small, true],
  ['its policy is for something else', ['memory'], small, false],
  ['it has none', [], small, false],
  ['nobody knows what it has', ['cpu', 'memory'], undefined, false],
])('a container restarts to be resized: %s', (_, resources, has, expected) => {
  const resizePolicy = resources.map((resourceName) => ({ resourceName, restartPolicy: 'RestartContainer' }));
  const main = view(big, { resizePolicy }).containers[1]!;
  expect(restartsFor(main, big, has)).toBe(expected);
});

describe('conditions', () => {
  const now = '2026-01-02T03:04:05Z';
  const condition = (type: string, generation: number, why: object = {}, at = now) => ({
    type,
    status: 'True',
    observedGeneration: generation,
    ...why,
    lastProbeTime: null,
    lastTransitionTime: at,
  });
  const refusal = { reason: 'Deferred' as const, message: 'no room' };
  const of = (wanted: object, state: object) => resizeConditions(view(wanted), state, [], now);

  test('none at rest', () => expect(of(small, { allocated: both(small) })).toEqual([]));

  test('from the moment that it is seen', () =>
    expect(of(big, { allocated: both(small) })).toEqual([condition('PodResizeInProgress', 2)]));

  test('pending', () =>
    expect(of(big, { allocated: both(small), pending: { ...refusal, generation: 2 } })).toEqual([
      condition('PodResizePending', 2, refusal),
    ]));

  test('one that is carried out while another waits, and that failed', () =>
    expect(
      of(big, {
        allocated: both(small),
        pending: { ...refusal, generation: 2 },
        resizing: { generation: 1, error: 'in use' },
      }),
    ).toEqual([
      condition('PodResizePending', 2, refusal),
      condition('PodResizeInProgress', 1, { reason: 'Error', message: 'in use' }),
    ]));

  test('one that goes on keeps its time', () => {
    const before = [condition('PodResizeInProgress', 2, {}, '2025-01-01T00:00:00Z')] as never;
    expect(resizeConditions(view(big), { allocated: both(big), resizing: { generation: 2 } }, before, now)).toEqual(
      before,
    );
  });
});

test('the message of its events', () => {
  expect(resizeMessage('started', view(big), { ...both(big), main: { limits: { memory: '1Gi', cpu: '1' } } }, 2)).toBe(
    'Pod resize started: {"initContainers":[{"name":"side","resources":{"requests":{"cpu":"200m","memory":"64Mi"}}}],' +
      '"containers":[{"name":"main","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}],"generation":2}',
  );
});
