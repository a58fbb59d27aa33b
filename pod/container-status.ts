/** A container's record as Kubernetes shows it in `status.containerStatuses`. */
import { type ContainerRecord, type Exit, restartCount } from './record.ts';
import type { Requirements } from './resources.ts';
import { kubeTime } from './time.ts';
import type { ContainerStatus } from './types.ts';
import type { ContainerView, PodView } from './view.ts';

type State = NonNullable<ContainerStatus['state']>;

/** `allocated` is what the node granted it; absent where containers are not resized (ephemeral ones). */
export function containerStatus(
  pod: PodView,
  view: ContainerView,
  record: ContainerRecord,
  allocated?: Requirements,
): ContainerStatus {
  const status: ContainerStatus = {
    name: view.name,
    image: record.phase === 'waiting' ? view.image : record.image,
    imageID: record.imageId ?? '',
    ready: isReady(view, record),
    ...(view.kind === 'ephemeral' ? {} : { started: record.phase === 'running' && record.started }),
    restartCount: restartCount(record),
    state: stateOf(pod, record),
    lastState: record.last && !startsAtOnce(record) ? { terminated: terminated(record.last.exit, record.last.id) } : {},
  };
  const id = record.id ?? record.last?.id;
  if (id) status.containerID = id;
  if (allocated) {
    if (allocated.requests) status.allocatedResources = allocated.requests;
    status.resources = (record.phase === 'running' && record.resources) || allocated;
  }
  return status;
}

/**
 * An init container is ready once it completed; the others while they run and their probes say so. Ephemeral ones serve
 * nobody and never are.
 */
export function isReady(view: ContainerView, record: ContainerRecord): boolean {
  if (view.kind === 'ephemeral') return false;
  if (view.kind === 'init') return record.phase === 'exited' && record.exit?.exitCode === 0;
  return record.phase === 'running' && record.started && record.ready;
}

function stateOf(pod: PodView, record: ContainerRecord): State {
  if (record.phase === 'running') {
    // A container whose postStart hook has not ended is not Running yet.
    if (!record.startedAt) return { waiting: { reason: 'ContainerCreating' } };
    return { running: { startedAt: kubeTime(record.startedAt) } };
  }
  if (record.exit && (record.phase === 'exited' || startsAtOnce(record))) {
    return { terminated: terminated(record.exit, record.id) };
  }
  return { waiting: record.waiting ?? { reason: initialReason(pod) } };
}

/** Its end is shown until it has started again, where nothing holds that up. */
function startsAtOnce({ phase, exit, waiting }: ContainerRecord): boolean {
  return phase === 'waiting' && exit !== undefined && waiting === undefined;
}

function initialReason(pod: PodView): string {
  return pod.containers.some((c) => c.kind === 'init' || c.kind === 'sidecar')
    ? 'PodInitializing'
    : 'ContainerCreating';
}

function terminated(exit: Exit, id: string | undefined): NonNullable<State['terminated']> {
  const state: NonNullable<State['terminated']> = {
    exitCode: exit.exitCode,
    reason: exit.reason,
    finishedAt: kubeTime(exit.finishedAt),
  };
  if (exit.startedAt) state.startedAt = kubeTime(exit.startedAt);
  if (exit.signal) state.signal = exit.signal;
  if (exit.message) state.message = exit.message;
  if (id) state.containerID = id;
  return state;
}
