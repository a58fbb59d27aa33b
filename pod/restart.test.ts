import { describe, expect, test } from 'vitest';
import { container, ended, exitOf, podView, runs, waits } from './fixtures.ts';
import type { ContainerRecord } from './record.ts';
import { type AfterExit, afterExit, effectivePolicy, endedForGood, endStands, mayRestartPod } from './restart.ts';
import type { ContainerKind, RestartPolicy, RestartRule } from './view.ts';

const POLICIES: RestartPolicy[] = ['Always', 'OnFailure', 'Never'];
const rule = (operator: RestartRule['operator'], exitCodes: number[], action: RestartRule['action'] = 'Restart') => ({
  operator,
  exitCodes,
  action,
});

describe('the policy a container follows, in Pods with Always, OnFailure, Never', () => {
  test.each<[string, ContainerKind, RestartPolicy | undefined, RestartPolicy[]]>([
    ["a main container: the Pod's", 'main', undefined, ['Always', 'OnFailure', 'Never']],
    ['a main container with its own', 'main', 'OnFailure', ['OnFailure', 'OnFailure', 'OnFailure']],
    ['an init container: Always is OnFailure', 'init', undefined, ['OnFailure', 'OnFailure', 'Never']],
    ['an init container with its own', 'init', 'Never', ['Never', 'Never', 'Never']],
    ['a sidecar', 'sidecar', 'Always', ['Always', 'Always', 'Always']],
    ['an ephemeral container', 'ephemeral', undefined, ['Never', 'Never', 'Never']],
  ])('%s', (_, kind, own, expected) => {
    const policies = POLICIES.map((restartPolicy) =>
      effectivePolicy(podView({ restartPolicy }), container('c', kind, { restartPolicy: own })),
    );
    expect(policies).toEqual(expected);
  });
});

describe('after an exit with 0, and with 3, in Pods with Always, OnFailure, Never', () => {
  test.each<[ContainerKind, [AfterExit, AfterExit][]]>([
    [
      'main',
      [
        ['restart', 'restart'],
        ['done', 'restart'],
        ['done', 'failed'],
      ],
    ],
    [
      'init',
      [
        ['done', 'restart'],
        ['done', 'restart'],
        ['done', 'failed'],
      ],
    ],
    [
      'sidecar',
      [
        ['restart', 'restart'],
        ['restart', 'restart'],
        ['restart', 'restart'],
      ],
    ],
    [
      'ephemeral',
      [
        ['done', 'failed'],
        ['done', 'failed'],
        ['done', 'failed'],
      ],
    ],
  ])('%s', (kind, expected) => {
    const outcomes = POLICIES.map((restartPolicy) =>
      [0, 3].map((code) => afterExit(podView({ restartPolicy }), container('c', kind), exitOf(code))),
    );
    expect(outcomes).toEqual(expected);
  });
});

describe('restart rules (KEP-5307), after exits with 0, 3 and 42', () => {
  test.each<[string, RestartRule[], AfterExit[]]>([
    ['none: the policy', [], ['done', 'failed', 'failed']],
    ['codes that are listed', [rule('In', [3, 42])], ['done', 'restart', 'restart']],
    ['codes that are not listed, 0 among them', [rule('NotIn', [42])], ['restart', 'restart', 'failed']],
    ['a success that restarts', [rule('In', [0])], ['restart', 'failed', 'failed']],
    ['all containers', [rule('In', [42], 'RestartAllContainers')], ['done', 'failed', 'restart-all']],
    [
      'the first that matches counts',
      [rule('In', [42]), rule('NotIn', [0], 'RestartAllContainers')],
      ['done', 'restart-all', 'restart'],
    ],
    ['no code at all', [rule('In', [])], ['done', 'failed', 'failed']],
  ])('%s', (_, restartRules, expected) => {
    const main = container('main', 'main', { restartPolicy: 'Never', restartRules });
    expect([0, 3, 42].map((code) => afterExit(podView(), main, exitOf(code)))).toEqual(expected);
  });
});

test.each<[string, ContainerRecord | undefined, boolean]>([
  ['nothing is known of it', undefined, false],
  ['it waits', waits('main'), false],
  ['it waits, and an attempt before had succeeded', waits('main', { exit: exitOf(0) }), false],
  ['it runs', runs('main'), false],
  ['it succeeded', ended('main', 0), true],
  ['it failed and restarts', ended('main', 3), false],
])('a container of a Pod with OnFailure has ended for good: %s', (_, record, expected) => {
  expect(endedForGood(podView({ restartPolicy: 'OnFailure' }), container('main'), record)).toBe(expected);
});

test('with Never, also one that failed has ended for good', () => {
  expect(endedForGood(podView({ restartPolicy: 'Never' }), container('main'), ended('main', 3))).toBe(true);
});

test.each<[string, RestartPolicy, ContainerRecord[], boolean]>([
  ['nothing started', 'Never', [waits('init'), waits('side'), waits('main')], true],
  ['what ran completed', 'Never', [ended('init', 0), waits('side'), waits('main')], true],
  ['an init container was cut off', 'Never', [runs('init'), waits('side'), waits('main')], false],
  ['only a sidecar was cut off', 'Never', [ended('init', 0), runs('side'), waits('main')], true],
  ['only an ephemeral container was cut off', 'Never', [ended('init', 0), runs('debug')], true],
  ['a main container was cut off', 'Never', [ended('init', 0), runs('side'), runs('main')], false],
  ['the same with OnFailure', 'OnFailure', [ended('init', 0), runs('side'), runs('main')], true],
  ['the same with Always', 'Always', [ended('init', 0), runs('side'), runs('main')], true],
])('a Pod that lost its sandbox may run again: %s (%s)', (_, restartPolicy, records, expected) => {
  const containers = [
    container('init', 'init'),
    container('side', 'sidecar'),
    container('main'),
    container('debug', 'ephemeral'),
  ];
  expect(mayRestartPod(podView({ restartPolicy, containers }), records)).toBe(expected);
});

describe('whether an end stands: when the sandbox was lost, and when all containers are told to restart', () => {
  test.each<[string, RestartPolicy, ContainerKind, ContainerRecord, [boolean, boolean]]>([
    ['it completed', 'OnFailure', 'main', ended('c', 0), [true, false]],
    ['it failed, and would run again', 'OnFailure', 'main', ended('c', 1), [false, false]],
    ['it failed for good', 'Never', 'main', ended('c', 1), [true, false]],
    ['it always runs', 'Always', 'main', ended('c', 0), [false, false]],
    ['it runs', 'Never', 'main', runs('c'), [false, false]],
    ['an init container runs in each sandbox', 'Never', 'init', ended('c', 0), [false, false]],
    ['a sidecar, too', 'Never', 'sidecar', ended('c', 0), [false, false]],
    ['an ephemeral container never runs twice', 'Always', 'ephemeral', ended('c', 1), [true, true]],
    ['but once', 'Always', 'ephemeral', waits('c'), [false, false]],
  ])('%s (%s)', (_, restartPolicy, kind, record, expected) => {
    const pod = podView({ restartPolicy });
    expect([true, false].map((lost) => endStands(pod, container('c', kind), record, lost))).toEqual(expected);
  });
});
