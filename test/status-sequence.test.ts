/** The statuses that Pods go through, beside those that a real kubelet showed (status-sequences.ts has both). */
import { KubeConfig, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerStatus, Pod } from '../pod/types.ts';
import { Durapod, podOf } from './durapod.ts';
import { until } from './shell.ts';
import { CASES, type Case } from './status-sequences.ts';

const PODS = '/api/v1/namespaces/default/pods';
const GONE = 'gone';
/** More would be slower than what they wait for. */
const AT_ONCE = 6;
/** Initialized, ContainersReady and Ready in a word. */
const CONDITIONS: Record<string, string> = {
  'False:ContainersNotInitialized False:ContainersNotReady False:ContainersNotReady': 'initializing',
  'False:ContainersNotInitialized False:PodFailed False:PodFailed': 'init-failed',
  'True False:ContainersNotReady False:ContainersNotReady': 'unready',
  'True True False:ReadinessGatesNotReady': 'gated',
  'True True True': 'ready',
  'True:PodCompleted False:PodCompleted False:PodCompleted': 'completed',
  'True False:PodFailed False:PodFailed': 'failed',
};

const shown = new Map<string, string[]>();
const shownOf = (name: string) => shown.get(name) ?? [];
let durapod: Durapod;
let watch: AbortController;

beforeAll(async () => {
  durapod = await Durapod.start();
  watch = await watchPods(durapod);
  const left = [...CASES];
  const one = async () => {
    for (let next = left.shift(); next; next = left.shift()) await live(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
});
afterAll(async () => {
  watch?.abort();
  await durapod?.down();
});

test.each(CASES)('$name', ({ name, table }) => {
  expect(shownOf(name)).toEqual([...expected(table, shownOf(name)), GONE]);
});

/** Creates a Pod, and deletes it when it shows the last status before that, or does not within the time it has. */
async function live({ name, spec, table }: Case) {
  await durapod.create(podOf(name, spec));
  const last = rows(table).findLast(({ mark, status }) => mark !== '-' && !status.startsWith('DEL '))?.status;
  await until(`${name}: ${last}`, () => shownOf(name).at(-1) === last || undefined).catch(() => undefined);
  await durapod.ok('delete', 'pod', name, '--wait=false');
  await until(`${name} gone`, () => shownOf(name).includes(GONE) || undefined);
}

/** Collects what is shown of each Pod, the same once, and a status only when it has containers. */
async function watchPods({ kubeconfig }: Durapod): Promise<AbortController> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return new Watch(config).watch(
    PODS,
    {},
    (type, pod: Pod) => {
      const name = pod.metadata.name as string;
      const status = type === 'DELETED' ? GONE : pod.status?.containerStatuses && statusLine(pod);
      if (status && shownOf(name).at(-1) !== status) shown.set(name, [...shownOf(name), status]);
    },
    () => {},
  );
}

function statusLine({ metadata, status = {} }: Pod): string {
  const condition = (type: string) => {
    const found = status.conditions?.find((c) => c.type === type);
    return [found?.status, found?.reason].filter(Boolean).join(':');
  };
  const conditions = ['Initialized', 'ContainersReady', 'Ready'].map(condition).join(' ');
  const words = [
    metadata.deletionTimestamp && 'DEL',
    status.phase,
    status.reason,
    condition('PodReadyToStartContainers') === 'True' ? 'net' : '-',
    CONDITIONS[conditions] ?? conditions,
    ...[...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(containerWord),
  ];
  return words.filter(Boolean).join(' ');
}

function containerWord({ name, state = {}, lastState, ready, started, restartCount }: ContainerStatus): string {
  const ended = (t: { reason?: string; exitCode: number }) => `${t.reason}:${t.exitCode}`;
  const { running, waiting, terminated } = state;
  const runs = ready && started ? 'ready' : started ? 'started' : 'running';
  return [
    `${name}:`,
    running && runs,
    waiting?.reason,
    terminated && ended(terminated),
    ready && runs !== 'ready' && '+ready',
    restartCount > 0 && `#${restartCount}`,
    lastState?.terminated && `<${ended(lastState.terminated)}`,
  ]
    .filter(Boolean)
    .join('');
}

/** The lines of a table: their marks, and their statuses with single spaces. */
function rows(table: string): { mark: string; status: string }[] {
  const lines = table.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, mark = '', status = ''] = /^\s*([?+-]?) +(.*?) *(?:\/\/.*)?$/.exec(line) ?? [];
    return { mark, status: status.replace(/ +/g, ' ') };
  });
}

/** The table's statuses: those that have to be shown, and of the others those that were, in their order. */
function expected(table: string, actual: string[]): string[] {
  let at = 0;
  return rows(table).flatMap(({ mark, status }) => {
    const isShown = mark !== '-' && actual[at] === status;
    if (isShown) at++;
    return isShown || mark === '' ? [status] : [];
  });
}
