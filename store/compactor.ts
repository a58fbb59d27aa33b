/** Keeps the log bounded: forgets history that nobody should need any more, a little now and then. */
import type { Store } from './port.ts';

export interface Retention {
  /** So many of the newest revisions are kept, however old. */
  revisions: number;
  /** Younger ones are kept as well, milliseconds; */
  age: number;
  /** but never more than so many in all. */
  atMost: number;
}

const defaultRetention: Retention = { revisions: 10_000, age: 600_000, atMost: 100_000 };

export interface LogState {
  /** The newest revision. */
  newest: number;
  /** The newest revision that is older than the retention's age. */
  aged: number;
  /** Every saved cursor. Whoever reads from one must not lose history, so the slowest has the last word. */
  cursors: number[];
}

/** The revision to compact up to; 0 when there is nothing to compact. */
export function compactionTarget(
  { newest, aged, cursors }: LogState,
  { revisions, atMost }: Omit<Retention, 'age'>,
): number {
  const wanted = Math.max(Math.min(aged, newest - revisions), newest - atMost);
  return Math.max(0, Math.min(wanted, ...cursors));
}

export interface CompactorOptions {
  retention?: Retention;
  /** How often to compact, milliseconds. */
  every?: number;
  /** Called when a round failed; the next one comes all the same. */
  onError: (error: unknown) => void;
}

/** Compacts `store` from time to time until the returned function is called, which resolves when no round is running. */
export function startCompactor(store: Store, options: CompactorOptions): () => Promise<void> {
  const { retention = defaultRetention, every = 30_000, onError } = options;
  // The log has no times: how old a revision is, is known from when it was first seen here.
  const seen: { at: number; revision: number }[] = [];
  let round = Promise.resolve();
  let running = false;

  async function compact() {
    const now = performance.now();
    const newest = await store.revision();
    seen.push({ at: now, revision: newest });
    while (seen[1] && seen[1].at <= now - retention.age) seen.shift();
    const aged = seen[0]!.at <= now - retention.age ? seen[0]!.revision : 0;
    const target = compactionTarget({ newest, aged, cursors: Object.values(await store.cursors()) }, retention);
    if (target > 0) await store.compact(target);
  }

  const timer = setInterval(() => {
    if (running) return;
    running = true;
    round = compact()
      .catch(onError)
      .finally(() => {
        running = false;
      });
  }, every).unref();

  return () => {
    clearInterval(timer);
    return round;
  };
}
