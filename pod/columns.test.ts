import { expect, test } from 'vitest';
import { podCells, podColumns } from './columns.ts';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from './types.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();

const waiting = (name: string, reason?: string, more: Partial<ContainerStatus> = {}): ContainerStatus =>
  ({ name, ready: false, restartCount: 0, state: { waiting: { reason } }, ...more }) as ContainerStatus;
const running = (name: string, more: Partial<ContainerStatus> = {}): ContainerStatus =>
  ({ name, ready: true, started: true, restartCount: 0, state: { running: {} }, ...more }) as ContainerStatus;
const ended = (name: string, exitCode: number, reason?: string, more: Partial<ContainerStatus> = {}): ContainerStatus =>
  ({ name, ready: false, restartCount: 0, state: { terminated: { exitCode, reason } }, ...more }) as ContainerStatus;
const restarted = (restartCount: number, minutesAgo: number): Partial<ContainerStatus> => ({
  restartCount,
  lastState: { terminated: { exitCode: 1, finishedAt: at(minutesAgo) } },
});
const condition = (type: string, status = 'True', reason?: string) => ({ type, status, reason });

interface Change {
  meta?: Pod['metadata'];
  spec?: Partial<PodSpec>;
  status?: PodStatus;
}

function pod({ meta, spec, status }: Change): Pod {
  return {
    metadata: { name: 'web', namespace: 'default', creationTimestamp: at(5), ...meta },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'a' }, { name: 'b' }],
      initContainers: [{ name: 'i' }, { name: 'j' }],
      ...spec,
    },
    status: { phase: 'Pending', ...status },
  };
}

const INITS = [ended('i', 0, 'Completed'), ended('j', 0, 'Completed')];
const SIDECAR = { initContainers: [{ name: 's', restartPolicy: 'Always' }, { name: 'j' }] };
const INITIALIZED = condition('Initialized');

test.each<[string, Change, [string, string, string]]>([
  ['no status yet', {}, ['0/2', 'Pending', '0']],
  ['the phase when there is no container', { spec: { initContainers: [] } }, ['0/2', 'Pending', '0']],
  [
    'the first init container runs',
    { status: { initContainerStatuses: [running('i'), waiting('j', 'PodInitializing')] } },
    ['0/2', 'Init:0/2', '0'],
  ],
  ['the second one', { status: { initContainerStatuses: [INITS[0]!, running('j')] } }, ['0/2', 'Init:1/2', '0']],
  [
    'an init container waits for another reason',
    { status: { initContainerStatuses: [waiting('i', 'ImagePullBackOff'), waiting('j', 'PodInitializing')] } },
    ['0/2', 'Init:ImagePullBackOff', '0'],
  ],
  [
    'it crashes',
    { status: { initContainerStatuses: [waiting('i', 'CrashLoopBackOff', restarted(3, 2))] } },
    ['0/2', 'Init:CrashLoopBackOff', '3 (2m ago)'],
  ],
  [
    'it failed',
    { status: { phase: 'Failed', initContainerStatuses: [ended('i', 1, 'Error')] } },
    ['0/2', 'Init:Error', '0'],
  ],
  ['with an exit code only', { status: { initContainerStatuses: [ended('i', 3)] } }, ['0/2', 'Init:ExitCode:3', '0']],
  [
    'with a signal only',
    {
      status: {
        initContainerStatuses: [ended('i', 137, undefined, { state: { terminated: { exitCode: 137, signal: 9 } } })],
      },
    },
    ['0/2', 'Init:Signal:9', '0'],
  ],
  [
    'mains wait for their start',
    {
      status: {
        initContainerStatuses: INITS,
        containerStatuses: [waiting('a', 'PodInitializing'), waiting('b', 'PodInitializing')],
        conditions: [INITIALIZED],
      },
    },
    ['0/2', 'PodInitializing', '0'],
  ],
  [
    'all run',
    {
      status: {
        phase: 'Running',
        initContainerStatuses: INITS.map((s) => ({ ...s, restartCount: 4 })),
        containerStatuses: [running('a'), running('b')],
        conditions: [INITIALIZED, condition('Ready')],
      },
    },
    ['2/2', 'Running', '0'],
  ],
  [
    'one is not ready',
    { status: { phase: 'Running', containerStatuses: [running('a', { ready: false }), running('b')] } },
    ['1/2', 'Running', '0'],
  ],
  [
    'the first that waits or ended is told',
    {
      status: {
        phase: 'Running',
        containerStatuses: [
          waiting('a', 'CrashLoopBackOff', restarted(1, 1)),
          ended('b', 0, 'Completed', restarted(2, 30)),
        ],
      },
    },
    ['0/2', 'CrashLoopBackOff', '3 (60s ago)'],
  ],
  [
    'all completed',
    {
      status: {
        phase: 'Succeeded',
        containerStatuses: [ended('a', 0, 'Completed'), ended('b', 0, 'Completed')],
      },
    },
    ['0/2', 'Completed', '0'],
  ],
  [
    'one completed, one runs, the Pod is ready',
    {
      status: {
        phase: 'Running',
        containerStatuses: [ended('a', 0, 'Completed'), running('b')],
        conditions: [condition('Ready')],
      },
    },
    ['1/2', 'Running', '0'],
  ],
  [
    'and is not',
    {
      status: {
        phase: 'Running',
        containerStatuses: [ended('a', 0, 'Completed'), running('b')],
        conditions: [condition('Ready', 'False')],
      },
    },
    ['1/2', 'NotReady', '0'],
  ],
  [
    'one completed, one failed',
    { status: { phase: 'Failed', containerStatuses: [ended('a', 0, 'Completed'), ended('b', 1, 'OOMKilled')] } },
    ['0/2', 'OOMKilled', '0'],
  ],
  ['an exit code only', { status: { containerStatuses: [ended('a', 3)] } }, ['0/2', 'ExitCode:3', '0']],
  [
    'a sidecar counts',
    {
      spec: SIDECAR,
      status: {
        initContainerStatuses: [running('s', restarted(2, 3)), running('j', { ready: false, started: false })],
      },
    },
    ['1/3', 'Init:1/2', '2 (3m ago)'],
  ],
  [
    'a sidecar that has not started holds the others',
    { spec: SIDECAR, status: { initContainerStatuses: [running('s', { started: false, ready: false })] } },
    ['0/3', 'Init:0/2', '0'],
  ],
  [
    'a sidecar beside mains, and only its restarts',
    {
      spec: SIDECAR,
      status: {
        phase: 'Running',
        initContainerStatuses: [running('s', restarted(2, 3)), { ...INITS[1]!, ...restarted(5, 4) }],
        containerStatuses: [running('a'), running('b', restarted(1, 20))],
        conditions: [INITIALIZED],
      },
    },
    ['3/3', 'Running', '3 (3m ago)'],
  ],
  [
    'a sidecar crashes when the Pod is initialized',
    {
      spec: SIDECAR,
      status: {
        phase: 'Running',
        initContainerStatuses: [waiting('s', 'CrashLoopBackOff', { ...restarted(2, 3), started: false }), INITS[1]!],
        containerStatuses: [running('a'), running('b')],
        conditions: [INITIALIZED],
      },
    },
    ['2/3', 'Init:CrashLoopBackOff', '2 (3m ago)'],
  ],
  ['a reason of the Pod', { status: { phase: 'Failed', reason: 'Evicted' } }, ['0/2', 'Evicted', '0']],
  [
    'gated',
    { status: { conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] } },
    ['0/2', 'SchedulingGated', '0'],
  ],
  [
    'being deleted',
    { meta: { deletionTimestamp: at(0) }, status: { phase: 'Running', containerStatuses: [running('a')] } },
    ['1/2', 'Terminating', '0'],
  ],
  [
    'being deleted after its end',
    { meta: { deletionTimestamp: at(0) }, status: { phase: 'Failed', containerStatuses: [ended('a', 1, 'Error')] } },
    ['0/2', 'Error', '0'],
  ],
  [
    'being deleted on a lost node',
    { meta: { deletionTimestamp: at(0) }, status: { phase: 'Running', reason: 'NodeLost' } },
    ['0/2', 'Unknown', '0'],
  ],
])('%s', (_, change, expected) => {
  expect(podCells(pod(change), NOW).slice(1, 4)).toEqual(expected);
});

test('the whole row and its columns', () => {
  const wide = pod({
    spec: { readinessGates: [{ conditionType: 'a/b' }, { conditionType: 'a/c' }] },
    status: {
      podIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }],
      nominatedNodeName: 'n2',
      conditions: [condition('a/b'), condition('a/c', 'False')],
    },
  });
  expect(podCells(wide, NOW)).toEqual(['web', '0/2', 'Pending', '0', '5m', '10.0.0.1', 'n1', 'n2', '1/2']);
  expect(podCells(pod({ meta: { creationTimestamp: undefined }, spec: { nodeName: '' } }), NOW)).toEqual([
    'web',
    '0/2',
    'Pending',
    '0',
    '<unknown>',
    '<none>',
    '<none>',
    '<none>',
    '<none>',
  ]);
  expect(podColumns.map((c) => [c.name, c.type, c.format, c.priority])).toEqual([
    ['Name', 'string', 'name', 0],
    ['Ready', 'string', '', 0],
    ['Status', 'string', '', 0],
    ['Restarts', 'string', '', 0],
    ['Age', 'string', '', 0],
    ['IP', 'string', '', 1],
    ['Node', 'string', '', 1],
    ['Nominated Node', 'string', '', 1],
    ['Readiness Gates', 'string', '', 1],
  ]);
});
