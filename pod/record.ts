/**
 * What is known of each container of a Pod: the state its workflow carries, from one run to the next.
 *
 *   waiting ──start──▶ running ──exit──▶ exited ──restart policy──▶ waiting (attempt + 1)
 *      │ image, configuration or creation fails: stays waiting, with the reason and a time to try again
 */
import type { Backoff } from './backoff.ts';
import type { Requirements } from './resources.ts';
import type { ContainerView, PodView } from './view.ts';

/** How a container ended. Times are RFC 3339. */
export interface Exit {
  exitCode: number;
  signal?: number;
  /** Kubernetes' word: Completed, Error, OOMKilled, StartError, ContainerStatusUnknown, … */
  reason: string;
  message?: string;
  startedAt?: string;
  finishedAt: string;
}

export interface ContainerRecord {
  name: string;
  /** Counts starts from 0; the restartCount of a container that runs. */
  attempt: number;
  phase: 'waiting' | 'running' | 'exited';
  /** The image this attempt was started with. */
  image: string;
  imageId?: string;
  /** The resources it was started with, or resized to since. */
  resources?: Requirements;
  /** The runtime's id of the newest container, with its scheme. */
  id?: string;
  startedAt?: string;
  /** Why it waits. */
  waiting?: { reason: string; message?: string };
  /** How it ended; of one that waits, how the attempt before ended, when the next one follows at once. */
  exit?: Exit;
  /** The end of the attempt before. */
  last?: { id?: string; exit: Exit };
  /** Its postStart hook is done and its startup probe, if any, succeeded. */
  started: boolean;
  ready: boolean;
  /** Back-off of restarts and of tries to start: how long it was last, in ms; 0 before the first. */
  backoffMs: number;
  /** When that back-off was last lengthened, in ms since the epoch. */
  backoffAt: number;
  /** Likewise for pulling its image. */
  pullBackoff: Backoff;
  /** Likewise for tries to make it that something it needs stood in the way of. */
  createBackoff?: Backoff | undefined;
  /** Not to be started before, in ms since the epoch. */
  retryAt: number;
}

/** Of a container that has not failed so far. */
export const NO_BACKOFF = {
  backoffMs: 0,
  backoffAt: 0,
  pullBackoff: { backoffMs: 0, backoffAt: 0 },
  createBackoff: undefined,
};

export function newRecord(view: ContainerView): ContainerRecord {
  return {
    name: view.name,
    attempt: 0,
    phase: 'waiting',
    image: view.image,
    started: false,
    ready: false,
    backoffMs: 0,
    backoffAt: 0,
    pullBackoff: { backoffMs: 0, backoffAt: 0 },
    retryAt: 0,
  };
}

/**
 * The records of a Pod that starts anew (its sandbox was lost, or it is told to restart): what ended is remembered, and
 * stays ended where `stands` says so.
 */
export function restartRecords(
  view: PodView,
  records: ContainerRecord[],
  stands: (container: ContainerView, record: ContainerRecord) => boolean = () => false,
): ContainerRecord[] {
  const find = (name: string) => records.find((r) => r.name === name);
  return view.containers
    .filter((c) => c.kind !== 'ephemeral' || stands(c, find(c.name) ?? newRecord(c)))
    .map((c) => {
      const before = find(c.name);
      if (!before) return newRecord(c);
      if (stands(c, before)) return before;
      const fresh = { ...newRecord(c), attempt: before.attempt, imageId: before.imageId, id: before.id };
      if (before.phase === 'waiting') return { ...fresh, last: before.last };
      return { ...fresh, attempt: before.attempt + 1, last: before.exit && { id: before.id, exit: before.exit } };
    });
}

/** Starts so far beyond the first: Kubernetes' restartCount. An attempt that has not started yet does not count. */
export function restartCount(record: ContainerRecord): number {
  return record.phase === 'waiting' ? Math.max(0, record.attempt - 1) : record.attempt;
}
