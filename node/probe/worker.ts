import { MAX_TIMER_MS } from '../handlers/deadline.ts';
import type { ProbeOutcome } from './run.ts';
import { nextDue } from './schedule.ts';
import { count, isDecided, type ProbeKind, type Tally, type Thresholds } from './thresholds.ts';

export interface WorkerOptions {
  kind: ProbeKind;
  thresholds: Thresholds;
  periodMs: number;
  firstDelayMs: number;
  tally: Tally;
  /** Probes once. Never rejects. */
  probe: (signal: AbortSignal) => Promise<ProbeOutcome>;
  /** The verdict has changed. Must not throw. */
  onVerdict: (verdict: 'success' | 'failure', message: string) => void;
  /** A probe did not plainly succeed. Must not throw. */
  onTrouble: (outcome: ProbeOutcome) => void;
}

/** One probe of one container: a timer between probes, and never more than one probe at a time. */
export class ProbeWorker {
  readonly #options: WorkerOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #tally: Tally;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#tally = options.tally;
    // The monotonic clock: a step of the wall clock must not stop or hurry a probe.
    this.#arm(performance.now() + options.firstDelayMs);
  }

  /** Ends it, the probe under way too; nothing is reported any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  #arm(due: number): void {
    const delay = Math.max(due - performance.now(), 0);
    this.#timer = setTimeout(
      () => (delay > MAX_TIMER_MS ? this.#arm(due) : void this.#beat(due)),
      Math.min(delay, MAX_TIMER_MS),
    );
  }

  async #beat(due: number): Promise<void> {
    const { kind, periodMs, probe } = this.#options;
    const outcome = await probe(this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    this.#record(outcome);
    // The callback may have stopped this worker.
    if (this.#stop.signal.aborted || isDecided(kind, this.#tally.verdict)) return;
    this.#arm(nextDue(due, periodMs, performance.now()));
  }

  #record(outcome: ProbeOutcome): void {
    const { thresholds, onTrouble, onVerdict } = this.#options;
    if (outcome.result !== 'success') onTrouble(outcome);
    if (outcome.result === 'unknown') return;
    const before = this.#tally.verdict;
    const verdict = outcome.result === 'failure' ? 'failure' : 'success';
    this.#tally = count(this.#tally, verdict, thresholds);
    if (this.#tally.verdict !== before) onVerdict(verdict, outcome.message);
  }
}
