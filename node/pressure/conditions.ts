import type { Pressure, Shortage } from './thresholds.ts';

/** The node's pressure as it says it: a condition stays for a while after the last shortage, so that it does not flap. */
export class PressureConditions {
  readonly #holdMs: number;
  /** When there was last a shortage, ms. */
  readonly #last = new Map<Pressure, number>();

  /** `holdMs`: the kubelet's evictionPressureTransitionPeriod. */
  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** Takes in what the node is short of at `now`; the conditions that hold from then on, in order. */
  observe(shortages: Shortage[], now: number): Pressure[] {
    for (const { condition } of shortages) this.#last.set(condition, now);
    for (const [condition, at] of this.#last) if (now - at > this.#holdMs) this.#last.delete(condition);
    return [...this.#last.keys()].sort();
  }
}
