/** What `kubectl get pods [-o wide]` shows of a Pod: the columns of the API's Table and one row's cells. */

import { ageOf } from './duration.ts';
import { isTrue } from './is-true.ts';
import { isOver } from './phase.ts';
import { ageColumn, type Column, nameColumn, wideColumn } from './print/column.ts';
import type { ContainerStatus, Pod } from './types.ts';

export const podColumns: Column[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    format: '',
    description: 'Containers that are ready, of all that run.',
    priority: 0,
  },
  { name: 'Status', type: 'string', format: '', description: 'What the containers stand at.', priority: 0 },
  {
    name: 'Restarts',
    type: 'string',
    format: '',
    description: 'How often containers were restarted, and when the last time.',
    priority: 0,
  },
  ageColumn,
  wideColumn('IP', "The Pod's address."),
  wideColumn('Node', 'The node it is bound to.'),
  wideColumn('Nominated Node', 'The node it is expected to be bound to.'),
  wideColumn('Readiness Gates', 'Readiness gates that hold, of all it has.'),
];

/** One row: the cells of `podColumns`. `now` is in epoch milliseconds. */
export function podCells(pod: Pod, now: number): (string | number)[] {
  const { spec, status = {} } = pod;
  const { ready, reason, restarts, lastRestart } = summary(pod);
  const sidecars = (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').length;
  const gates = (spec.readinessGates ?? []).map(
    ({ conditionType }) => status.conditions?.find((c) => c.type === conditionType)?.status === 'True',
  );
  return [
    pod.metadata.name ?? '',
    `${ready}/${spec.containers.length + sidecars}`,
    deletionReason(pod) ?? reason,
    restarts > 0 && lastRestart ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts),
    ageOf(pod.metadata.creationTimestamp, now),
    status.podIPs?.[0]?.ip || '<none>',
    spec.nodeName || '<none>',
    status.nominatedNodeName || '<none>',
    gates.length > 0 ? `${gates.filter(Boolean).length}/${gates.length}` : '<none>',
  ];
}

interface Summary {
  ready: number;
  reason: string;
  restarts: number;
  /** When the last container to be restarted had ended. */
  lastRestart: string | undefined;
}

/** While it initializes, a Pod shows its init containers; afterwards its main containers and sidecars. */
function summary({ spec, status = {} }: Pod): Summary {
  const inits = status.initContainerStatuses ?? [];
  const mains = status.containerStatuses ?? [];
  const isSidecar = ({ name }: ContainerStatus) =>
    spec.initContainers?.find((c) => c.name === name)?.restartPolicy === 'Always';
  const isStartedSidecar = (c: ContainerStatus) => c.started === true && isSidecar(c);

  const current = inits.findIndex((c) => c.state?.terminated?.exitCode !== 0 && !isStartedSidecar(c));
  const past = current < 0 ? inits : inits.slice(0, current);
  const initialized = status.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True') ?? false;
  const readySidecars = past.filter((c) => c.state?.terminated?.exitCode !== 0 && c.ready).length;

  const gated = status.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  const podReason = gated ? 'SchedulingGated' : status.reason || status.phase || '';
  const initReason = current < 0 ? podReason : initializing(inits[current]!, current, spec.initContainers?.length ?? 0);

  if (current >= 0 && !initialized) {
    return { ready: readySidecars, reason: initReason, ...restartsOf(inits.slice(0, current + 1)) };
  }
  return {
    ready: readySidecars + mains.filter(isReadyMain).length,
    reason: mainReason(mains, initReason, isTrue(status.conditions, 'Ready')),
    ...restartsOf([...inits.slice(0, current < 0 ? inits.length : current + 1).filter(isSidecar), ...mains]),
  };
}

function initializing({ state }: ContainerStatus, index: number, count: number): string {
  if (state?.terminated) return `Init:${terminatedReason(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${count}`;
}

const terminatedReason = (end: { reason?: string; signal?: number; exitCode: number }): string =>
  end.reason || (end.signal ? `Signal:${end.signal}` : `ExitCode:${end.exitCode}`);

/** A main container counts as ready while it runs; a reason to wait or an end is said instead. */
const isReadyMain = ({ state, ready }: ContainerStatus): boolean =>
  !state?.waiting?.reason && !state?.terminated && ready && state?.running !== undefined;

/** The first container that waits or ended gives the reason; Completed is refined by what the others do. */
function mainReason(mains: ContainerStatus[], otherwise: string, podReady: boolean | undefined): string {
  const reasons = mains.flatMap(({ state }) => {
    if (state?.waiting?.reason) return [{ reason: state.waiting.reason, failed: false }];
    if (state?.terminated) {
      return [{ reason: terminatedReason(state.terminated), failed: state.terminated.exitCode !== 0 }];
    }
    return [];
  });
  const first = reasons[0]?.reason ?? otherwise;
  if (first !== 'Completed') return first;
  const running = mains.some(isReadyMain);
  if (running && podReady) return 'Running';
  return reasons.find((r) => r.failed)?.reason ?? (running ? 'NotReady' : first);
}

function restartsOf(statuses: ContainerStatus[]): { restarts: number; lastRestart: string | undefined } {
  const ends = statuses.flatMap((c) => c.lastState?.terminated?.finishedAt ?? []);
  return {
    restarts: statuses.reduce((sum, c) => sum + c.restartCount, 0),
    lastRestart: ends.reduce<string | undefined>(
      (last, end) => (last === undefined || Date.parse(end) > Date.parse(last) ? end : last),
      undefined,
    ),
  };
}

function deletionReason({ metadata, status = {} }: Pod): string | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  if (status.reason === 'NodeLost') return 'Unknown';
  return isOver(status.phase) ? undefined : 'Terminating';
}
