/** A simulated process: what it may use, and how signals reach it. */
import type { Clock } from './clock.ts';
import type { FileSystem } from './file-system.ts';

/** Thrown inside a process to end it at once with this exit code. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const SIGKILLED = 128 + 9;
const SIGTERMED = 128 + 15;

export interface ProcessOptions {
  env: Record<string, string>;
  files: FileSystem;
  clock: Clock;
  output(stream: 1 | 2, text: string): void;
}

export class Process {
  readonly env: Record<string, string>;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly output: ProcessOptions['output'];
  /** What `trap` set for SIGTERM: a script, '' to ignore it. */
  onTerm: string | undefined;
  /** SIGTERM came and its script has not run yet. */
  termPending = false;
  readonly #end = new AbortController();

  constructor(options: ProcessOptions) {
    this.env = options.env;
    this.files = options.files;
    this.clock = options.clock;
    this.output = options.output;
  }

  /** Runs to the end. `main` rejecting with Exit is its exit code; the signals end it from outside. */
  async run(main: (process: Process) => Promise<number>): Promise<number> {
    try {
      return await main(this);
    } catch (error) {
      if (error instanceof Exit) return error.exitCode;
      throw error;
    }
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.#end.signal);
  }

  /** Waits for SIGTERM, and ends well with it. */
  async serve(): Promise<number> {
    try {
      await this.sleep(Number.POSITIVE_INFINITY);
    } catch (error) {
      if (!(error instanceof Exit && error.exitCode === SIGTERMED)) throw error;
    }
    return 0;
  }

  /** Every loop asks, so that one that never sleeps can be ended too. */
  checkSignals(): void {
    this.#end.signal.throwIfAborted();
  }

  terminate(): void {
    if (this.onTerm === undefined) this.#end.abort(new Exit(SIGTERMED));
    else if (this.onTerm !== '') this.termPending = true;
  }

  kill(): void {
    this.#end.abort(new Exit(SIGKILLED));
  }
}
