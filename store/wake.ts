/** Wakes watchers when there is something new: at once for what this process hears of, by looking for the rest. */
export class Wake {
  #newest = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #look: () => void;
  readonly #every: number;

  /** `look` is called every `every` milliseconds while someone waits. */
  constructor(look: () => void, every: number) {
    this.#look = look;
    this.#every = every;
  }

  /** The newest revision heard of. */
  advance(revision: number): void {
    if (revision <= this.#newest) return;
    this.#newest = revision;
    this.#wakeAll();
  }

  /** Resolves with true when there is something newer than `revision`, with false when it never will be told. */
  async newerThan(revision: number, signal?: AbortSignal): Promise<boolean> {
    while (!this.#closed && !signal?.aborted) {
      if (this.#newest > revision) return true;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          if (this.#waiting.size === 0) this.#stopLooking();
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
        this.#timer ??= setInterval(this.#look, this.#every);
      });
    }
    return false;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  #wakeAll() {
    for (const wake of [...this.#waiting]) wake();
  }

  #stopLooking() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
