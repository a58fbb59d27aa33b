import { describe, expect, test } from 'vitest';
import { conditionsOf } from './conditions.ts';
import { containerStatus } from './container-status.ts';
import { among, BEFORE, container, ended, exitOf, NOW, podFacts, podView, runs, waits } from './fixtures.ts';
import type { Phase } from './phase.ts';
import type { ContainerRecord } from './record.ts';
import { type PodFacts, reasonOf, statusOf } from './status.ts';
import type { PodCondition } from './types.ts';
import type { PodView } from './view.ts';

const WHOLE = podView({
  restartPolicy: 'Never',
  containers: [
    container('init', 'init'),
    container('side', 'sidecar'),
    container('main'),
    container('debug', 'ephemeral'),
  ],
});
const ALL_RUN = [ended('init', 0), runs('side'), runs('main')];
const DEADLINE = { reason: 'DeadlineExceeded', message: 'too long' };
const again = { attempt: 1, last: { exit: exitOf(1) } };

const statusWith = (records: ContainerRecord[], facts: Partial<PodFacts> = {}, pod: PodView = WHOLE) =>
  statusOf(pod, records, podFacts(facts), [], NOW);

describe('the whole status', () => {
  const conditions = (records: ContainerRecord[], phase: Phase, pod = WHOLE, before: PodCondition[] = []) =>
    conditionsOf(pod, among(records), { scheduled: true, sandboxReady: true, terminating: false, phase }, before, NOW);
  const shown = (pod: PodView, records: ContainerRecord[]) =>
    pod.containers.map((c, i) => containerStatus(pod, c, records[i] as ContainerRecord));

  test('of a Pod of one container', () => {
    const pod = podView({ generation: 2 });
    const records = [runs('main')];
    expect(statusWith(records, {}, pod)).toEqual({
      observedGeneration: 2,
      phase: 'Running',
      conditions: conditions(records, 'Running', pod),
      startTime: BEFORE,
      hostIP: '192.0.2.1',
      hostIPs: [{ ip: '192.0.2.1' }],
      podIP: '10.0.0.2',
      podIPs: [{ ip: '10.0.0.2' }],
      containerStatuses: shown(pod, records),
    });
  });

  test('of one of all kinds: each kind in its list, and what nothing is known of waits', () => {
    const records = [...ALL_RUN, waits('debug')];
    const [init, side, main, debug] = shown(WHOLE, records);
    const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = statusWith(ALL_RUN);
    expect([initContainerStatuses, containerStatuses, ephemeralContainerStatuses]).toEqual([
      [init, side],
      [main],
      [debug],
    ]);
  });

  test('of one without a node', () => {
    const nowhere = { startTime: undefined, hostIP: undefined, hostIPs: [], podIPs: [], sandboxReady: false };
    const status = statusWith([], { ...nowhere, scheduled: false, unschedulable: 'no room', shownPhase: 'Pending' });
    const why = { reason: 'Unschedulable', message: 'no room' };
    expect(status).toEqual({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', ...why, lastProbeTime: null, lastTransitionTime: NOW }],
    });
  });

  test('of one that the node turned away: it has no containers', () => {
    const verdict = { reason: 'NodePorts', message: 'Pod was rejected: no free ports' };
    const facts = { verdict, rejected: true, hostIP: undefined, hostIPs: [], podIPs: [], sandboxReady: false };
    const status = statusWith([], facts);
    expect(status).toEqual({ phase: 'Failed', ...verdict, startTime: BEFORE, conditions: status.conditions });
  });

  test.each<[string, Partial<PodFacts>, string]>([
    ['when it is over', { verdict: DEADLINE, sandboxReady: false }, 'ContainerStatusUnknown'],
    ['not before', { verdict: DEADLINE }, 'ErrImagePull'],
    [
      'nor when that is because it is deleted',
      { terminating: true, stopped: true, sandboxReady: false },
      'ErrImagePull',
    ],
    [
      'also when it is deleted then',
      { verdict: DEADLINE, terminating: true, sandboxReady: false },
      'ContainerStatusUnknown',
    ],
  ])('no container waits %s', (_, facts, expected) => {
    const records = [waits('main', { waiting: { reason: 'ErrImagePull' } })];
    const state = statusWith(records, facts, podView()).containerStatuses?.[0]?.state;
    expect((state?.waiting ?? state?.terminated)?.reason).toBe(expected);
  });

  test('conditions that stay keep their times', () => {
    const before = conditions(ALL_RUN, 'Running').map((c) => ({ ...c, lastTransitionTime: BEFORE }));
    expect(statusOf(WHOLE, ALL_RUN, podFacts(), before, NOW).conditions).toEqual(before);
  });

  test('what each container was granted, and the resize that is wanted; not once the Pod is over', () => {
    const resources = { requests: { cpu: '2' } };
    const pod = podView({ restartPolicy: 'Never', containers: [container('main', 'main', { resources })] });
    const resize = { allocated: { main: { requests: { cpu: '1' } } } };
    const { conditions: wanted, containerStatuses } = statusWith([runs('main')], { resize }, pod);
    expect(wanted?.map((c) => c.type).slice(5)).toEqual(['PodResizeInProgress']);
    expect(containerStatuses?.[0]?.allocatedResources).toEqual({ cpu: '1' });
    expect(statusWith([ended('main', 0)], { resize }, pod).conditions).toHaveLength(5);
  });
});

describe('the phase that is shown, and the one of version 1', () => {
  const succeeded = [ended('init', 0), ended('side', 0), ended('main', 0)];
  const failed = [ended('init', 0), ended('side', 0), ended('main', 3)];
  const initFailed = [ended('init', 3), waits('side'), waits('main')];
  const inHook = runs('main', { startedAt: undefined, started: false, ready: false });
  test.each<[string, ContainerRecord[], Partial<PodFacts>, Phase, Phase]>([
    ['it runs', ALL_RUN, { shownPhase: 'Pending' }, 'Running', 'Running'],
    ['it succeeded, its sandbox is there', succeeded, {}, 'Running', 'Succeeded'],
    ['its sandbox is gone', succeeded, { sandboxReady: false }, 'Succeeded', 'Succeeded'],
    ['it failed, its sandbox is there', failed, {}, 'Running', 'Failed'],
    ['an init container failed, its sandbox is there', initFailed, { shownPhase: 'Pending' }, 'Pending', 'Failed'],
    ['and then gone', initFailed, { shownPhase: 'Pending', sandboxReady: false }, 'Failed', 'Failed'],
    ['over is over', succeeded, { shownPhase: 'Succeeded' }, 'Succeeded', 'Succeeded'],
    ['it ran into its deadline', ALL_RUN, { verdict: DEADLINE }, 'Running', 'Failed'],
    ['and its sandbox is gone', ALL_RUN, { verdict: DEADLINE, sandboxReady: false }, 'Failed', 'Failed'],
    [
      'it was deleted, and its containers ended',
      succeeded,
      { stopped: true, sandboxReady: false },
      'Succeeded',
      'Succeeded',
    ],
    ['before they had started', [], { stopped: true, sandboxReady: false, shownPhase: 'Pending' }, 'Failed', 'Failed'],
    ['a hook goes on', [ended('init', 0), runs('side'), inHook], { shownPhase: 'Pending' }, 'Pending', 'Running'],
    [
      'also beside one that has started',
      [...ALL_RUN, { ...inHook, name: 'more' }],
      { shownPhase: 'Pending' },
      'Pending',
      'Running',
    ],
    ['one after a restart', [{ ...inHook, ...again }], { shownPhase: 'Pending' }, 'Running', 'Running'],
    ['the first restart waits', [ended('init', 0), runs('side'), waits('main', again)], {}, 'Running', 'Running'],
  ])('%s', (_, records, facts, expected, version1) => {
    expect(statusWith(records, facts).phase).toBe(expected);
    expect(statusWith(records, { ...facts, shownPhase: undefined }).phase).toBe(version1);
  });

  test.each<[string, ContainerRecord, Partial<PodFacts>, string]>([
    ['the sidecar goes on', runs('side'), {}, 'ContainersNotReady'],
    ['it has ended', ended('side', 0), {}, 'PodFailed'],
    ['it goes on past the deadline', runs('side'), { verdict: DEADLINE }, 'PodFailed'],
    ['version 1', runs('side'), { shownPhase: undefined }, 'PodFailed'],
  ])('conditions say that it failed when its sidecars have ended, too: %s', (_, side, facts, expected) => {
    const { conditions } = statusWith([ended('init', 0), side, ended('main', 1)], facts);
    expect(conditions?.find((c) => c.type === 'Ready')?.reason).toBe(expected);
  });

  test('why it was ended stands with the phase, while the conditions tell of it at once', () => {
    const told = (facts: Partial<PodFacts>) => {
      const { phase, reason, message, conditions } = statusWith(ALL_RUN, { verdict: DEADLINE, ...facts });
      return [phase, reason, message, conditions?.find((c) => c.type === 'Ready')?.reason];
    };
    expect(told({})).toEqual(['Running', undefined, undefined, 'PodFailed']);
    expect(told({ sandboxReady: false })).toEqual(['Failed', 'DeadlineExceeded', 'too long', 'PodFailed']);
    expect(told({ shownPhase: undefined })).toEqual(['Failed', 'DeadlineExceeded', 'too long', 'PodFailed']);
  });
});

describe('where it stands, in a word', () => {
  const pending = [waits('init'), waits('side'), waits('main')];
  const waiting = (reason: string, more: Partial<ContainerRecord> = {}) => ({ waiting: { reason }, ...more });
  test.each<[string, ContainerRecord[], Partial<PodFacts>]>([
    ['Init:0/2', [], {}],
    ['Init:0/2', [runs('init'), waits('side'), waits('main', waiting('PodInitializing'))], {}],
    ['Init:1/2', [ended('init', 0), waits('side'), waits('main')], {}],
    ['Init:ErrImagePull', [waits('init', waiting('ErrImagePull')), waits('side'), waits('main')], {}],
    ['Pending', [ended('init', 0), runs('side'), waits('main', waiting('ContainerCreating'))], {}],
    ['ImagePullBackOff', [ended('init', 0), runs('side'), waits('main', waiting('ImagePullBackOff'))], {}],
    ['CrashLoopBackOff', [ended('init', 0), runs('side'), waits('main', waiting('CrashLoopBackOff', again))], {}],
    ['Running', ALL_RUN, {}],
    ['Succeeded', [ended('init', 0), ended('side', 0), ended('main', 0)], {}],
    ['Failed', [ended('init', 1), waits('side'), waits('main')], {}],
    ['Terminating', pending, { terminating: true }],
    ['DeadlineExceeded', ALL_RUN, { terminating: true, verdict: DEADLINE }],
  ])('%s', (expected, records, facts) => expect(reasonOf(WHOLE, records, podFacts(facts))).toBe(expected));
});
