import { expect, test } from 'vitest';
import { containerStatus } from './container-status.ts';
import { container, ended, exitOf, podView, runs, waits } from './fixtures.ts';
import { pastWaiting } from './past-waiting.ts';
import type { ContainerRecord } from './record.ts';
import type { ContainerStatus } from './types.ts';

const crashLoop = { attempt: 1, waiting: { reason: 'CrashLoopBackOff' }, last: { exit: exitOf(3) } };
const noImage = { waiting: { reason: 'ErrImagePull' } };

/** Sidecars are `side…`, init containers `init…`. */
const shown = (records: ContainerRecord[]) => {
  const views = records.map(({ name }) =>
    container(name, name.startsWith('side') ? 'sidecar' : name.startsWith('init') ? 'init' : 'main'),
  );
  const pod = podView({ containers: views });
  const status = (kept: 'main' | 'other') =>
    views.flatMap((view, i) =>
      (view.kind === 'main') === (kept === 'main') ? containerStatus(pod, view, records[i]!) : [],
    );
  const { inits, mains } = pastWaiting(status('other'), status('main'));
  return [...inits, ...mains].map(short);
};
const short = ({ state, lastState }: ContainerStatus) => {
  const [[kind, { reason = '', exitCode = '' }]] = Object.entries(state ?? {}) as [[string, Record<string, string>]];
  const before = lastState?.terminated ? ` after ${lastState.terminated.exitCode}` : '';
  return `${kind} ${reason}${exitCode}${before}`;
};
const UNKNOWN = 'terminated ContainerStatusUnknown137';

test.each<[string, ContainerRecord[], string[]]>([
  ['how containers ended stands', [ended('a', 0), ended('b', 3)], ['terminated Completed0', 'terminated Error3']],
  ['one that was in a back-off', [waits('a', crashLoop)], [`${UNKNOWN} after 3`]],
  ['one that could not be started', [ended('a', 3), waits('b', noImage)], ['terminated Error3', UNKNOWN]],
  ['none has started', [waits('a', noImage)], [UNKNOWN]],
  [
    'an init container failed: what comes after it had not had its turn',
    [ended('init', 3), waits('init2'), waits('a')],
    ['terminated Error3', 'waiting PodInitializing', 'waiting PodInitializing'],
  ],
  [
    'an init container in a back-off',
    [waits('init', crashLoop), waits('a')],
    [`${UNKNOWN} after 3`, 'waiting PodInitializing'],
  ],
  [
    'an init container that could not be started',
    [waits('init', noImage), waits('a')],
    [UNKNOWN, 'waiting PodInitializing'],
  ],
  ['all init containers completed', [ended('init', 0), waits('a', noImage)], ['terminated Completed0', UNKNOWN]],
  [
    'a sidecar that was in a back-off when the others completed',
    [waits('side', crashLoop), ended('side2', 0), ended('a', 0)],
    [`${UNKNOWN} after 3`, 'terminated Completed0', 'terminated Completed0'],
  ],
  ['what runs goes on', [runs('a'), waits('b', crashLoop)], ['running ', `${UNKNOWN} after 3`]],
])('%s', (_, records, expected) => expect(shown(records)).toEqual(expected));
