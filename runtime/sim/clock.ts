/** Time as simulated containers know it. */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` (never for Infinity); rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout's longest wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's time. A container that sleeps does not keep the process from ending. */
export const realClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= LONGEST_MS) {
      await wait(Math.min(left, LONGEST_MS), undefined, { signal, ref: false }).catch((error) => {
        throw signal.aborted ? signal.reason : error;
      });
    }
    signal.throwIfAborted();
  },
};

interface Sleeper {
  at: number;
  wake: () => void;
}

/** Time that passes only by `advance`, for tests. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const end = (settle: () => void) => () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', aborted);
        settle();
      };
      const aborted = end(() => reject(signal.reason));
      const sleeper: Sleeper = { at: this.#now + ms, wake: end(resolve) };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Lets `ms` pass, waking each sleeper at its time, and what it does then before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (let next = this.#earliest(end); next; next = this.#earliest(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await turn();
    }
    this.#now = end;
  }

  #earliest(end: number): Sleeper | undefined {
    const due = [...this.#sleepers].filter(({ at }) => at <= end);
    return due.reduce<Sleeper | undefined>(
      (first, sleeper) => (first && first.at <= sleeper.at ? first : sleeper),
      undefined,
    );
  }
}
