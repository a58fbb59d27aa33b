import { describe, expect, test } from 'vitest';
import { type ConditionFacts, conditionsOf } from './conditions.ts';
import { among, BEFORE, container, ended, exitOf, NOW, podView, runs, waits } from './fixtures.ts';
import type { ContainerRecord } from './record.ts';
import type { PodCondition } from './types.ts';
import type { PodView, RestartRule } from './view.ts';

const FACTS: ConditionFacts = { scheduled: true, sandboxReady: true, terminating: false, phase: 'Running' };
const WHOLE = podView({ containers: [container('init', 'init'), container('side', 'sidecar'), container('main')] });
const ALL_RUN = [ended('init', 0), runs('side'), runs('main')];

type Verdict = 'True' | { status: 'True' | 'False'; reason?: string; message?: string };
type Verdicts = Record<string, Verdict>;

/** Each condition's verdict by its type; only `True` where nothing else is said. */
function verdicts(pod: PodView, records: ContainerRecord[], facts: Partial<ConditionFacts> = {}): Verdicts {
  const conditions = conditionsOf(pod, among(records), { ...FACTS, ...facts }, [], NOW);
  return Object.fromEntries(
    conditions.map(({ type, status, reason, message }) => {
      const why = { ...(reason && { reason }), ...(message && { message }) };
      return [type, status === 'True' && !reason ? 'True' : ({ status, ...why } as Verdict)];
    }),
  );
}

const TRUE: Verdicts = {
  PodReadyToStartContainers: 'True',
  Initialized: 'True',
  Ready: 'True',
  ContainersReady: 'True',
  PodScheduled: 'True',
};
const no = (reason: string, message?: string): Verdict => ({ status: 'False', reason, ...(message && { message }) });
const unready = (names: string) => {
  const verdict = no('ContainersNotReady', `containers with unready status: [${names}]`);
  return { ContainersReady: verdict, Ready: verdict };
};
const uninitialized = (names: string) => ({
  Initialized: no('ContainersNotInitialized', `containers with incomplete status: [${names}]`),
});
const over = (reason: string) => ({ ContainersReady: no(reason), Ready: no(reason) });
const again = { attempt: 1, last: { exit: exitOf(1) } };

describe('a Pod of which a rule may restart all containers says whether they do', () => {
  const restartRules: RestartRule[] = [{ action: 'RestartAllContainers', operator: 'In', exitCodes: [42] }];
  const pod = podView({ containers: [container('main', 'main', { restartRules })] });
  test.each<[string, Partial<ConditionFacts>, Verdict | undefined]>([
    ['no', {}, { status: 'False' }],
    [
      'what ran before is being ended',
      { restartingAll: true },
      {
        status: 'True',
        reason: 'RestartAllContainersStarted',
        message: 'container exited with restart policy rule',
      },
    ],
    ['it failed', { phase: 'Failed' }, no('PodFailed')],
    ['it succeeded', { phase: 'Succeeded' }, no('PodCompleted')],
    ['it has no node', { scheduled: false }, undefined],
  ])('%s', (_, facts, expected) => {
    expect(verdicts(pod, [runs('main')], facts).AllContainersRestarting).toEqual(expected);
  });
});

describe('an init container, a sidecar and a main one', () => {
  test.each<[string, ContainerRecord[], Partial<ConditionFacts>, Verdicts]>([
    ['all run', ALL_RUN, {}, {}],
    [
      'nothing has started, the sandbox neither',
      [waits('init'), waits('side'), waits('main')],
      { sandboxReady: false, phase: 'Pending' },
      { PodReadyToStartContainers: { status: 'False' }, ...uninitialized('init side'), ...unready('side main') },
    ],
    [
      'the init container completed',
      [ended('init', 0), waits('side'), waits('main')],
      { phase: 'Pending' },
      { ...uninitialized('side'), ...unready('side main') },
    ],
    ['the sidecar has started', [ended('init', 0), runs('side'), waits('main')], { phase: 'Pending' }, unready('main')],
    [
      'the sidecar has not passed its startup probe',
      [ended('init', 0), runs('side', { started: false }), waits('main')],
      { phase: 'Pending' },
      { ...uninitialized('side'), ...unready('side main') },
    ],
    ['a readiness probe fails', [ended('init', 0), runs('side'), runs('main', { ready: false })], {}, unready('main')],
    [
      'the sidecar restarts while the main one runs',
      [ended('init', 0), waits('side', again), runs('main')],
      {},
      unready('side'),
    ],
    [
      'it restarts once the main one has ended',
      [ended('init', 0), waits('side', again), ended('main', 3)],
      {},
      unready('side main'),
    ],
    [
      'the Pod starts anew: no init container may be skipped',
      [waits('init', again), waits('side', again), waits('main', again)],
      {},
      { ...uninitialized('init side'), ...unready('side main') },
    ],
    [
      'it succeeded',
      [ended('init', 0), ended('side', 0), ended('main', 0)],
      { phase: 'Succeeded' },
      { Initialized: { status: 'True', reason: 'PodCompleted' }, ...over('PodCompleted') },
    ],
    ['it failed', [ended('init', 0), ended('side', 0), ended('main', 3)], { phase: 'Failed' }, over('PodFailed')],
    ['it failed while all run', ALL_RUN, { phase: 'Failed' }, over('PodFailed')],
    [
      'its init container failed',
      [ended('init', 3), waits('side'), waits('main')],
      { phase: 'Failed' },
      { ...uninitialized('init side'), ...over('PodFailed') },
    ],
  ])('%s', (_, records, facts, expected) => {
    expect(verdicts(WHOLE, records, facts)).toEqual({ ...TRUE, ...expected });
  });
});

test('init and ephemeral containers are not among those that have to be ready', () => {
  const containers = [...WHOLE.containers, container('debug', 'ephemeral')];
  expect(verdicts(podView({ containers }), [...ALL_RUN, ended('debug', 1)])).toEqual(TRUE);
});

test('a Pod that is held back says so, whatever was said before', () => {
  const waiting = { scheduled: false, sandboxReady: false, phase: 'Pending' as const, unschedulable: 'no room' };
  expect(verdicts(podView({ gated: true }), [], waiting)).toEqual({
    PodScheduled: no('SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates'),
  });
});

test.each<[string, Partial<ConditionFacts>, Verdict]>([
  ['nobody has said why', {}, no('Unschedulable', 'waiting for a node')],
  ['there is no room', { unschedulable: 'Insufficient cpu' }, no('Unschedulable', 'Insufficient cpu')],
])('a Pod without a node says only that: %s', (_, facts, expected) => {
  const waiting = { scheduled: false, sandboxReady: false, phase: 'Pending' as const, ...facts };
  expect(verdicts(WHOLE, [], waiting)).toEqual({ PodScheduled: expected });
});

describe('readiness gates (KEP-580)', () => {
  const notThere = (type: string) => `corresponding condition of pod readiness gate "${type}" does not exist.`;
  test.each<[string, PodView['readinessGates'], ContainerRecord[], Verdicts]>([
    ['met', [{ type: 'a', met: true }], [runs('main')], {}],
    ['not met', [{ type: 'a', met: false }], [runs('main')], { Ready: no('ReadinessGatesNotReady', notThere('a')) }],
    [
      'there, but not True',
      [{ type: 'a', met: false, status: 'False' }],
      [runs('main')],
      { Ready: no('ReadinessGatesNotReady', 'the status of pod readiness gate "a" is not "True", but False') },
    ],
    [
      'some not met',
      ['a', 'b', 'c'].map((type) => ({ type, met: type === 'b' })),
      [runs('main')],
      { Ready: no('ReadinessGatesNotReady', `${notThere('a')}, ${notThere('c')}`) },
    ],
    ['containers come first', [{ type: 'a', met: false }], [waits('main', again)], unready('main')],
  ])('%s', (_, readinessGates, records, expected) => {
    expect(verdicts(podView({ readinessGates }), records)).toEqual({ ...TRUE, ...expected });
  });
});

describe('times and generations', () => {
  const at = (records: ContainerRecord[], before: PodCondition[] = [], pod = podView()) =>
    conditionsOf(pod, among(records), FACTS, before, NOW);
  const times = (conditions: PodCondition[]) => conditions.map((c) => c.lastTransitionTime);
  const earlier = at([waits('main', again)]).map((c) => ({ ...c, lastTransitionTime: BEFORE }));

  test('in their order, whole', () => {
    const more = { lastProbeTime: null, lastTransitionTime: NOW };
    const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
    expect(at([runs('main')])).toEqual(types.map((type) => ({ type, status: 'True', ...more })));
    expect(at([runs('main')], [], podView({ generation: 3 }))).toEqual(
      types.map((type) => ({ type, observedGeneration: 3, status: 'True', ...more })),
    );
  });

  test('what stays as it is keeps its time, also for another reason', () => {
    expect(times(at([waits('main', again)], earlier))).toEqual(Array(5).fill(BEFORE));
    const other = conditionsOf(podView(), among([ended('main', 3)]), { ...FACTS, phase: 'Failed' }, earlier, NOW);
    expect(times(other)).toEqual(Array(5).fill(BEFORE));
    expect(other[2]?.reason).toBe('PodFailed');
  });

  test('what changes has the time of now', () => {
    expect(times(at([runs('main')], earlier))).toEqual([BEFORE, BEFORE, NOW, NOW, BEFORE]);
  });
});
