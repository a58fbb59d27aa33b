import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../pod/record.ts';
import { MAX_TIMER_MS } from './handlers/deadline.ts';

/** Activities that wait for the end of a container themselves: it is told to them and to nobody else. */
export class ExitClaims {
  readonly #waiting = new Map<string, Set<(exit: Exit) => void>>();

  /** Tells whoever waits for it; false when nobody does. */
  tell(id: string, exit: Exit): boolean {
    const waiting = this.#waiting.get(id);
    for (const resolve of waiting ?? []) resolve(exit);
    return waiting !== undefined;
  }

  /** The end of a container; undefined when it does not come within `ms` or before `signal` aborts. */
  async wait(id: string, ms: number, signal?: AbortSignal): Promise<Exit | undefined> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const timer = new AbortController();
    try {
      const stop = signal ? AbortSignal.any([timer.signal, signal]) : timer.signal;
      return await Promise.race([
        promise,
        sleep(Math.min(ms, MAX_TIMER_MS), undefined, { signal: stop }).catch(() => undefined),
      ]);
    } finally {
      timer.abort();
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }
}
