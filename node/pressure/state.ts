import type { Pressure } from './thresholds.ts';

/** What the node says of its pressure, for those who say it on. */
export class PressureState {
  #now: Pressure[] = [];
  #outdated = new AbortController();

  get now(): Pressure[] {
    return this.#now;
  }

  set now(pressure: Pressure[]) {
    this.#now = pressure;
    this.#outdated.abort();
    this.#outdated = new AbortController();
  }

  /** Aborts when what `now` says is not so any more. */
  get outdated(): AbortSignal {
    return this.#outdated.signal;
  }
}
