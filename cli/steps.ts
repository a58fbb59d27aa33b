/** Progress for people: one line a step, with the time it took. Written to stderr, so stdout stays for results. */
export interface Steps {
  /** Runs `work` and says `what` with its time; what `work` resolves with may add to the line through `detail`. */
  step<T>(what: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T>;
  /** One line without a time. */
  say(line: string): void;
}

const CLEAR_LINE = '\r\x1b[2K';

/** Seconds as people read them: `0.04 s`, `3.1 s`, `74 s`. */
export function seconds(milliseconds: number): string {
  const s = milliseconds / 1000;
  return `${s < 0.1 ? s.toFixed(2) : s < 10 ? s.toFixed(1) : s.toFixed(0)} s`;
}

/** Steps written to `out`. On a terminal, what is under way shows in the last line. */
export function createSteps(out: { write(text: string): unknown; isTTY?: boolean } = process.stderr): Steps {
  const underWay: string[] = [];
  const show = (line?: string) => {
    const now = out.isTTY && underWay.length > 0 ? `${underWay.join(', ')} …` : '';
    out.write(`${out.isTTY ? CLEAR_LINE : ''}${line === undefined ? '' : `${line}\n`}${now}`);
  };
  return {
    async step(what, work, detail) {
      const began = performance.now();
      const end = (line: string) => {
        underWay.splice(underWay.indexOf(what), 1);
        show(`${line} ${seconds(performance.now() - began)}`);
      };
      underWay.push(what);
      if (out.isTTY) show();
      try {
        const result = await work();
        const more = detail?.(result);
        end(`${what}${more ? ` (${more})` : ''} …`);
        return result;
      } catch (error) {
        end(`${what} … failed after`);
        throw error;
      }
    },
    say: show,
  };
}

/** Steps that say nothing. */
export const quiet: Steps = {
  step: (_what, work) => work(),
  say() {},
};
