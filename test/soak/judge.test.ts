import { expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import { areStartsCutOff, hasUnseenEnd, judge, type Observed } from './judge.ts';
import { expectedOf, type PodPlan } from './plan.ts';

const PLAN: PodPlan = {
  name: 'p',
  restartPolicy: 'OnFailure',
  inits: [{ name: 'init-1', exits: [3, 0], runsOn: false, takes: 0 }],
  main: { name: 'main', exits: [], runsOn: true, takes: 0 },
};

const ended = (exitCode: number) => ({ terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } });
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };

/** What is seen of PLAN when nothing went wrong. */
function asPlanned(): Observed {
  const status = (name: string, state: object, restartCount: number) => ({ name, state, restartCount });
  const pod = {
    status: {
      phase: 'Running',
      initContainerStatuses: [status('init-1', ended(0), 1)],
      containerStatuses: [status('main', running, 0)],
    },
  } as unknown as Pod;
  return { pod, runs: { 'init-1': 2, main: 1 }, containers: [{ id: 'a', name: 'main', attempt: 0 }] };
}

test('a plan says what must come of it', () => {
  expect(expectedOf(PLAN)).toEqual({
    phase: 'Running',
    containers: [
      { name: 'init-1', runs: 2, restarts: 1, exitCode: 0 },
      { name: 'main', runs: 1, restarts: 0 },
    ],
  });
  expect(expectedOf({ ...PLAN, restartPolicy: 'Never' })).toEqual({
    phase: 'Failed',
    containers: [
      { name: 'init-1', runs: 1, restarts: 0, exitCode: 3 },
      { name: 'main', runs: 0, restarts: 0 },
    ],
  });
});

test.each([
  ['as planned', () => undefined, []],
  ['ran again', (seen) => (seen.runs['init-1'] = 3), ['ran again']],
  ['skipped', (seen) => (seen.runs['init-1'] = 1), ['skipped']],
  ['created twice', (seen) => seen.containers.push({ id: 'b', name: 'main', attempt: 0 }), ['created twice']],
  ['failed', (seen) => (seen.pod!.status!.phase = 'Failed'), ['failed though nothing failed']],
  ['stuck', (seen) => (seen.pod!.status!.phase = 'Pending'), ['stuck']],
  ['lost', (seen) => (seen.pod!.status!.initContainerStatuses![0]!.state = ended(255) as never), ['exit lost']],
  ['miscounted', (seen) => (seen.pod!.status!.containerStatuses![0]!.restartCount = 1), ['wrong restartCount']],
] as [string, (seen: Observed) => unknown, string[]][])('%s', (_, change, kinds) => {
  const seen = asPlanned();
  change(seen);
  expect(judge(expectedOf(PLAN), seen).map((a) => a.kind)).toEqual(kinds);
});

test('whether a Pod says that the start of what ran again was cut off', () => {
  const ranAgain = { kind: 'ran again', detail: 'main ran 2 times, not 1' } as const;
  const miscounted = { kind: 'wrong restartCount', detail: 'main: 1, not 0' } as const;
  const said = (name: string) =>
    `spec.containers{${name}} Failed The container runtime was lost while the container was being started, and more`;
  expect([
    areStartsCutOff([ranAgain], [said('main')]),
    areStartsCutOff([ranAgain], [said('init-1')]),
    areStartsCutOff([ranAgain, miscounted], [said('main')]),
    areStartsCutOff([ranAgain], []),
  ]).toEqual([true, false, false, false]);
});

test('whether a Pod says of an end that nobody saw it', () => {
  const lost = { terminated: { exitCode: 255, reason: 'ContainerStatusUnknown' } };
  const pod = (status: object) => ({ status: { containerStatuses: [{ name: 'main', ...status }] } }) as unknown as Pod;
  const pods = [pod({ state: lost }), pod({ state: running, lastState: lost }), pod({ state: ended(255) }), undefined];
  expect(pods.map(hasUnseenEnd)).toEqual([true, true, false, false]);
});
