import { describe, expect, test } from 'vitest';
import { among, container, ended, exitOf, podView, runs, waits } from './fixtures.ts';
import { initDone, type Phase, phaseOf, phaseWhenStopped } from './phase.ts';
import type { ContainerRecord } from './record.ts';
import type { ContainerView, RestartPolicy } from './view.ts';

const POLICIES: RestartPolicy[] = ['Always', 'OnFailure', 'Never'];
const INIT = container('init', 'init');
const SIDE = container('side', 'sidecar');
const MAINS = [container('main'), container('more')];
const backsOff = (name: string, exitCode: number) => waits(name, { attempt: 1, last: { exit: exitOf(exitCode) } });

/** The phases with Always, OnFailure and Never; one where they are the same. */
function phases(containers: ContainerView[], records: ContainerRecord[]): Phase | Phase[] {
  const [first, ...rest] = POLICIES.map((restartPolicy) =>
    phaseOf(podView({ restartPolicy, containers }), among(records)),
  ) as [Phase, Phase, Phase];
  return rest.every((phase) => phase === first) ? first : [first, ...rest];
}

describe('two main containers', () => {
  test.each<[string, ContainerRecord[], Phase | Phase[]]>([
    ['nothing known yet', [], 'Pending'],
    ['none started', [waits('main'), waits('more')], 'Pending'],
    ['one started', [runs('main'), waits('more')], 'Pending'],
    ['one ended before the other started', [ended('main', 0), waits('more')], 'Pending'],
    ['both run', [runs('main'), runs('more')], 'Running'],
    ['one succeeded', [runs('main'), ended('more', 0)], 'Running'],
    ['one failed', [runs('main'), ended('more', 3)], 'Running'],
    ['one is in a back-off', [runs('main'), backsOff('more', 3)], 'Running'],
    ['both are in a back-off', [backsOff('main', 3), backsOff('more', 0)], 'Running'],
    ['both succeeded', [ended('main', 0), ended('more', 0)], ['Running', 'Succeeded', 'Succeeded']],
    ['one succeeded, one failed', [ended('main', 0), ended('more', 3)], ['Running', 'Running', 'Failed']],
    ['both failed', [ended('main', 1), ended('more', 3)], ['Running', 'Running', 'Failed']],
  ])('%s', (_, records, expected) => expect(phases(MAINS, records)).toEqual(expected));
});

describe('an init container, a sidecar and a main one', () => {
  test.each<[string, ContainerRecord[], Phase | Phase[]]>([
    ['nothing known yet', [], 'Pending'],
    ['the init container runs', [runs('init'), waits('side'), waits('main')], 'Pending'],
    ['it failed', [ended('init', 3), waits('side'), waits('main')], ['Pending', 'Pending', 'Failed']],
    ['it is in a back-off', [backsOff('init', 3), waits('side'), waits('main')], 'Pending'],
    ['it completed', [ended('init', 0), waits('side'), waits('main')], 'Pending'],
    ['the sidecar has started', [ended('init', 0), runs('side'), waits('main')], 'Pending'],
    ['all have', [ended('init', 0), runs('side'), runs('main')], 'Running'],
    ['the sidecar restarts later on', [ended('init', 0), backsOff('side', 1), runs('main')], 'Running'],
    ['both restart', [ended('init', 0), backsOff('side', 1), backsOff('main', 1)], 'Running'],
    [
      'the main one succeeded',
      [ended('init', 0), runs('side'), ended('main', 0)],
      ['Running', 'Succeeded', 'Succeeded'],
    ],
    ['the main one failed', [ended('init', 0), ended('side', 0), ended('main', 1)], ['Running', 'Running', 'Failed']],
    [
      'how the sidecar ended does not count',
      [ended('init', 0), ended('side', 137), ended('main', 0)],
      ['Running', 'Succeeded', 'Succeeded'],
    ],
    ['it starts anew after it ran', [backsOff('init', 0), backsOff('side', 137), backsOff('main', 1)], 'Running'],
  ])('%s', (_, records, expected) => expect(phases([INIT, SIDE, container('main')], records)).toEqual(expected));
});

test('a container with its own policy or rules ends by those', () => {
  const never = container('main', 'main', { restartPolicy: 'Never' });
  expect(phases([never], [ended('main', 3)])).toBe('Failed');
  expect(phases([never], [ended('main', 0)])).toBe('Succeeded');
  const again = { action: 'Restart', operator: 'In', exitCodes: [3] } as const;
  expect(phases([{ ...never, restartRules: [again as never] }], [ended('main', 3)])).toBe('Running');
  const initNever = container('init', 'init', { restartPolicy: 'Never' });
  expect(phases([initNever, container('main')], [ended('init', 3), waits('main')])).toBe('Failed');
});

test.each<[string, ContainerView, ContainerRecord | undefined, boolean]>([
  ['an init container that runs', INIT, runs('init'), false],
  ['one that failed', INIT, ended('init', 3), false],
  ['one that completed', INIT, ended('init', 0), true],
  ['one that is to run again', INIT, waits('init', { exit: exitOf(0) }), false],
  ['one that nothing is known of', INIT, undefined, false],
  ['a sidecar that has started', SIDE, runs('side', { ready: false }), true],
  ['one whose startup probe has not succeeded', SIDE, runs('side', { started: false }), false],
  ['one that ended', SIDE, ended('side', 0), false],
  ['one that nothing is known of', SIDE, undefined, false],
])('done: %s', (_, view, record, expected) => expect(initDone(view, record)).toBe(expected));

test.each<[string, ContainerRecord[], Phase]>([
  ['all main containers ended with 0', [ended('main', 0), ended('more', 0), ended('side', 137)], 'Succeeded'],
  ['one did not', [ended('main', 0), ended('more', 137)], 'Failed'],
  ['one never started', [ended('main', 0), waits('more')], 'Failed'],
  ['nothing is known of one', [ended('main', 0)], 'Failed'],
])('a Pod ended from outside: %s', (_, records, expected) => {
  expect(phaseWhenStopped(podView({ containers: [SIDE, ...MAINS] }), among(records))).toBe(expected);
});
