/** Events are kept for an hour, as upstream keeps them: they are news, not records. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../pod/log.ts';
import { allOf } from '../store/all-of.ts';
import { DELETE, NotFound, type Store, type StoredObject } from '../store/port.ts';
import { events } from './registry/index.ts';

/** How long an event is kept after it last happened, ms. */
const eventLifetime = 3_600_000;
const sweepEvery = 60_000;

interface ExpiryDeps {
  store: Store;
  now(): Date;
  log: Log;
}

/** Sweeps until the signal aborts. */
export async function runEventExpiry(deps: ExpiryDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await expireEvents(deps).catch((err) => deps.log.warn({ err }, 'expiring events failed, trying again'));
    await sleep(sweepEvery, undefined, { signal }).catch(() => {});
  }
}

/** Removes the events that are too old; resolves with how many. */
export async function expireEvents({ store, now }: ExpiryDeps): Promise<number> {
  const oldest = now().getTime() - eventLifetime;
  const isOld = (event: StoredObject): boolean => lastSeen(event) < oldest;
  let removed = 0;
  for await (const listed of allOf(store, events.storage)) {
    if (!isOld(listed)) continue;
    const { namespace = '', name = '' } = listed.metadata;
    // It may have happened again since it was listed.
    await store
      .update({ resource: events.storage, namespace, name }, (event) => (isOld(event) ? DELETE : undefined), 'client')
      .catch((error) => {
        if (!(error instanceof NotFound)) throw error;
      });
    removed++;
  }
  return removed;
}

function lastSeen({ series, lastTimestamp, eventTime, metadata }: StoredObject): number {
  return new Date(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
}
