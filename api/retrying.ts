/** Work that is done name by name: what fails is done again later, later each time, and holds up nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';

const firstWait = 1000;
const longestWait = 60_000;

interface Failure {
  /** On the monotonic clock, ms. */
  again: number;
  waitMs: number;
}

export class Retrying {
  readonly #work: (name: string) => Promise<void>;
  readonly #onFailure: (name: string, error: unknown, waitMs: number) => void;
  readonly #failed = new Map<string, Failure>();

  constructor(
    work: (name: string) => Promise<void>,
    onFailure: (name: string, error: unknown, waitMs: number) => void,
  ) {
    this.#work = work;
    this.#onFailure = onFailure;
  }

  /** Does the work for one name, unless that failed and waits for its time. Never rejects. */
  async attend(name: string): Promise<void> {
    const failed = this.#failed.get(name);
    if (failed && failed.again > performance.now()) return;
    try {
      await this.#work(name);
      this.#failed.delete(name);
    } catch (error) {
      const waitMs = failed ? Math.min(failed.waitMs * 2, longestWait) : firstWait;
      this.#failed.set(name, { again: performance.now() + waitMs, waitMs });
      this.#onFailure(name, error, waitMs);
    }
  }

  /** Does again what failed, each when its time has come, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(firstWait, undefined, { signal }).catch(() => {});
      for (const name of [...this.#failed.keys()]) if (!signal.aborted) await this.attend(name);
    }
  }
}
