import { expect } from 'vitest';
import type { Runtime, RuntimeEvent } from './port.ts';

/** Follows a runtime's events, for the suite. */
export class EventWatch {
  readonly #events: RuntimeEvent[] = [];
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  readonly subscribed: Promise<void>;
  error: unknown;

  constructor(runtime: Runtime) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.subscribed = promise;
    this.#done = (async () => {
      for await (const event of runtime.events(this.#abort.signal)) {
        if (event.type === 'subscribed') resolve();
        else this.#events.push(event);
      }
    })().catch((error) => {
      this.error = error;
      reject(error);
    });
  }

  of(id: string): RuntimeEvent[] {
    return this.#events.filter((event) => event.id === id);
  }

  async until(holds: (event: RuntimeEvent) => boolean, timeout: number): Promise<void> {
    await expect.poll(() => this.#events.some(holds), { timeout, interval: 10 }).toBe(true);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }
}
