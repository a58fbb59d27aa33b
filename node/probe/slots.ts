/**
 * Runs at most so many things at once; the rest wait in the order they came. With `holdMs`, one that takes longer than
 * that goes on without its slot, which is then the next one's.
 */
export class Slots {
  readonly #waiting = new Set<() => void>();
  readonly #holdMs: number | undefined;
  #free: number;

  constructor(size: number, holdMs?: number) {
    this.#free = size;
    this.#holdMs = holdMs;
  }

  /** Runs `act` when it is its turn. Rejects with the signal's reason when it aborts before that. */
  async run<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    let held = true;
    const leave = () => {
      if (held) this.#leave();
      held = false;
    };
    const timer = this.#holdMs === undefined ? undefined : setTimeout(leave, this.#holdMs);
    try {
      return await act();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#free > 0) {
        this.#free--;
        return resolve();
      }
      const abort = () => {
        this.#waiting.delete(turn);
        reject(signal.reason);
      };
      const turn = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(turn);
    });
  }

  /** Hands the slot on, or frees it. */
  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
