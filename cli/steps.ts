/** Progress for people: one line a step, with the time it took. Written to stderr, so stdout stays for results. */
export interface Steps {
  /** Runs `work` and says `what` with its time; what `work` resolves with may add to the line through `detail`. */
  step<T>(what: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T>;
  /** One line without a time. */
  say(line: string): void;
}

/** Seconds as people read them: `0.04 s`, `3.1 s`, `74 s`. */
export function seconds(milliseconds: number): string {
  const s = milliseconds / 1000;
  return `${s < 0.1 ? s.toFixed(2) : s < 10 ? s.toFixed(1) : s.toFixed(0)} s`;
}

/** Steps written to `out`. On a terminal the step shows while it runs; elsewhere its line appears when it is done. */
export function createSteps(out: { write(text: string): unknown; isTTY?: boolean } = process.stderr): Steps {
  return {
    async step(what, work, detail) {
      const began = performance.now();
      if (out.isTTY) out.write(`${what} …`);
      const clear = out.isTTY ? '\r\x1b[2K' : '';
      try {
        const result = await work();
        const more = detail?.(result);
        out.write(`${clear}${what}${more ? ` (${more})` : ''} … ${seconds(performance.now() - began)}\n`);
        return result;
      } catch (error) {
        out.write(`${clear}${what} … failed after ${seconds(performance.now() - began)}\n`);
        throw error;
      }
    },
    say(line) {
      out.write(`${line}\n`);
    },
  };
}

/** Steps that say nothing. */
export const quiet: Steps = {
  step: (_what, work) => work(),
  say() {},
};
