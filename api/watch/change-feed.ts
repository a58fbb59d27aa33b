/**
 * One reader of the store's log for all watchers. A watcher pulls from a window of recent changes held in memory, and
 * from the store while it is behind that window, so that a slow watcher costs no memory. Because the feed reads the
 * whole log, a watcher always knows up to which revision it has seen everything: that is what a bookmark states.
 */
import type { Change, Store } from '../../store/port.ts';

/** What is new to a follower, and the revision up to which it has now seen everything. */
export interface Batch {
  changes: readonly Change[];
  revision: number;
}

export interface FollowOptions {
  signal: AbortSignal;
  /** Yields an empty batch when nothing happened for so long. */
  idleMs: number;
}

/** The reading of the log; there is one while somebody follows. */
interface Tail {
  ready: Promise<void>;
  stop: AbortController;
}

/** Changes held in memory. */
const windowSize = 1000;
/** Changes handed over at once while catching up. */
const batchSize = 100;

export class ChangeFeed {
  readonly #store: Store;
  /** Changes after `#start`, up to `#current`, in order. */
  #window: Change[] = [];
  #start = 0;
  #current = 0;
  #followers = 0;
  #tail?: Tail;
  /** Why the tail ended, if it did: followers are told, the next one begins anew. */
  #failure: unknown;
  readonly #waiting = new Set<() => void>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Everything after revision `since`, in order, without end until the signal aborts. Throws Compacted. */
  async *follow(since: number, { signal, idleMs }: FollowOptions): AsyncGenerator<Batch, void> {
    let position = since;
    this.#followers++;
    try {
      const tail = this.#running();
      await tail.ready;
      while (!signal.aborted) {
        if (this.#tail !== tail) throw this.#failure ?? new Error('the change feed was restarted');
        if (position < this.#start) {
          for await (const batch of this.#behind(position, signal)) {
            position = batch.revision;
            yield batch;
          }
        } else if (position < this.#current) {
          const changes = this.#after(position);
          position = this.#current;
          yield { changes, revision: position };
        } else if (!(await this.#next(signal, idleMs))) {
          if (!signal.aborted) yield { changes: [], revision: position };
        }
      }
    } finally {
      this.#followers--;
      if (this.#followers === 0) this.#end();
    }
  }

  /** Changes from the store until the window is reached. */
  async *#behind(since: number, signal: AbortSignal): AsyncGenerator<Batch, void> {
    let changes: Change[] = [];
    for await (const change of this.#store.watch({ since, signal })) {
      changes.push(change);
      const reached = change.revision >= this.#start;
      if (reached || changes.length >= batchSize) {
        yield { changes, revision: change.revision };
        changes = [];
      }
      if (reached) return;
    }
  }

  #after(position: number): Change[] {
    let low = 0;
    let high = this.#window.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#window[middle]!.revision <= position) low = middle + 1;
      else high = middle;
    }
    return this.#window.slice(low);
  }

  /** Resolves with true at the next change, with false after `idleMs` or when the signal aborts. */
  #next(signal: AbortSignal, idleMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (changed: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(onChange);
        resolve(changed);
      };
      const onChange = () => done(true);
      const onAbort = () => done(false);
      const timer = setTimeout(() => done(false), idleMs);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(onChange);
    });
  }

  #running(): Tail {
    if (this.#tail) return this.#tail;
    const stop = new AbortController();
    const ready = this.#store.revision().then((revision) => {
      this.#window = [];
      this.#start = revision;
      this.#current = revision;
      void this.#read(revision, tail);
    });
    const tail = { ready, stop };
    this.#tail = tail;
    ready.catch((error) => {
      if (this.#tail === tail) this.#end(error);
    });
    return tail;
  }

  async #read(since: number, tail: Tail): Promise<void> {
    let failure: unknown = new Error('the store ended its log');
    try {
      for await (const change of this.#store.watch({ since, signal: tail.stop.signal })) {
        if (this.#tail !== tail) return;
        this.#window.push(change);
        if (this.#window.length > 2 * windowSize) {
          this.#start = this.#window[windowSize - 1]!.revision;
          this.#window = this.#window.slice(windowSize);
        }
        this.#current = change.revision;
        this.#wake();
      }
    } catch (error) {
      failure = error;
    }
    if (this.#tail === tail) this.#end(failure);
  }

  #end(failure?: unknown): void {
    this.#failure = failure;
    this.#tail?.stop.abort();
    this.#tail = undefined;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
