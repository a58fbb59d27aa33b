import type { Probe } from '../../pod/types.ts';
import type { Runtime } from '../../runtime/port.ts';
import type { ProbeFailure, ProbeSubject, ProbeTransition, WatchedContainer } from './reports.ts';
import { type ProbeOutcome, runProbe } from './run.ts';
import { firstDelay, periodOf } from './schedule.ts';
import { Slots } from './slots.ts';
import { initialTally, type ProbeKind, type Tally } from './thresholds.ts';
import { ProbeWorker } from './worker.ts';

export interface ProberOptions {
  runtime: Pick<Runtime, 'execSync'>;
  /** The node's primary address, for Pods with host networking. */
  hostIP?: string;
  /** Must not throw. */
  onTransition: (transition: ProbeTransition) => void;
  /** Must not throw. */
  onFailure: (failure: ProbeFailure) => void;
}

/** How many exec probes of one Pod run at once. The time-out of one that waits for its turn has not begun. */
const POD_EXECS = 4;
/** How many of all Pods do that work: each starts a process, and more at once would make each other late. */
const NODE_EXECS = 16;
/** One that runs for longer (half the shortest time-out) waits rather than works, and keeps no other out. */
const WORKS_MS = 500;

interface Entry {
  watched: WatchedContainer;
  /** Those of its Pod. */
  execSlots: Slots;
  started: boolean;
  terminating: boolean;
  workers: Map<ProbeKind, ProbeWorker>;
}

/**
 * Probes the containers it is told to watch, by the kubelet's rules: liveness and readiness wait for the startup probe;
 * a failed startup or liveness probe rests until the container is replaced; on termination only readiness goes on. It
 * reports changes only. A replaced container is not ready, alive and not started until its own probes say otherwise.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #startedAt = Date.now();
  readonly #execSlots = new Slots(NODE_EXECS, WORKS_MS);
  /** By container id. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Starts to probe a container, in place of an earlier one of the same name. Repeating it changes nothing. */
  watch(watched: WatchedContainer): void {
    if (this.#entries.has(watched.containerId)) return;
    const ofPod = [...this.#entries.values()].filter((entry) => entry.watched.pod.uid === watched.pod.uid);
    for (const { watched: other } of ofPod) if (other.container === watched.container) this.unwatch(other.containerId);
    const entry: Entry = {
      watched,
      execSlots: ofPod[0]?.execSlots ?? new Slots(POD_EXECS),
      started: !watched.probes.startup || (watched.initial?.started ?? false),
      terminating: watched.terminating ?? false,
      workers: new Map(),
    };
    this.#entries.set(watched.containerId, entry);
    this.#startWorkers(entry);
  }

  /** Stops to probe it and forgets it; nothing is reported any more. Unknown ids are ignored. */
  unwatch(containerId: string): void {
    const entry = this.#entries.get(containerId);
    this.#entries.delete(containerId);
    for (const worker of entry?.workers.values() ?? []) worker.stop();
  }

  /** A container is being ended: its liveness and startup probes end, its readiness probe goes on. Unknown ids are ignored. */
  terminate(containerId: string): void {
    const entry = this.#entries.get(containerId);
    if (!entry) return;
    entry.terminating = true;
    for (const kind of ['liveness', 'startup'] as const) entry.workers.get(kind)?.stop();
  }

  /** Stops everything. */
  close(): void {
    for (const id of [...this.#entries.keys()]) this.unwatch(id);
  }

  #startWorkers(entry: Entry): void {
    const kinds: ProbeKind[] = entry.started ? ['liveness', 'readiness'] : ['startup'];
    for (const kind of kinds) {
      if (entry.terminating && kind !== 'readiness') continue;
      const probe = entry.watched.probes[kind];
      if (probe) entry.workers.set(kind, this.#worker(entry, kind, probe));
    }
  }

  #worker(entry: Entry, kind: ProbeKind, probe: Probe): ProbeWorker {
    const { watched } = entry;
    const { runtime, hostIP, onTransition, onFailure } = this.#options;
    const { pod, container, containerId, attempt, ports, podIP, hostNetwork } = watched;
    const subject: ProbeSubject = { pod, container, containerId, attempt, kind };
    const target = { containerId, podIP, hostIP, hostNetwork, ports, runtime };
    const periodMs = periodOf(probe, watched.periodMs?.[kind]);
    return new ProbeWorker({
      kind,
      thresholds: { success: probe.successThreshold || 1, failure: probe.failureThreshold || 3 },
      periodMs,
      firstDelayMs: firstDelay({
        now: Date.now(),
        // A runtime that does not know when it started leaves only the present.
        containerStartedAt: Date.parse(watched.startedAt) || Date.now(),
        proberStartedAt: this.#startedAt,
        initialDelaySeconds: probe.initialDelaySeconds ?? 0,
        periodMs,
        random: Math.random(),
      }),
      tally: firstTally(kind, watched),
      probe: (signal) => {
        const run = () => runProbe(probe, target, signal);
        if (!probe.exec) return run();
        return entry.execSlots.run(signal, () => this.#execSlots.run(signal, run)).catch(cancelled);
      },
      onVerdict: (verdict, message) => {
        if (kind === 'startup' && verdict === 'success') {
          entry.started = true;
          this.#startWorkers(entry);
        }
        onTransition({ ...subject, result: verdict === 'success', message, at: new Date().toISOString() });
      },
      onTrouble: (outcome) => onFailure({ ...subject, ...eventOf(kind, outcome) }),
    });
  }
}

/** Readiness goes on from where the status stood; what else there is starts anew. */
function firstTally(kind: ProbeKind, watched: WatchedContainer): Tally {
  const tally = initialTally(kind);
  return kind === 'readiness' && watched.initial?.ready ? { ...tally, verdict: 'success' } : tally;
}

/** Waiting for a slot ends early only when the worker is stopped, which then looks at no outcome. */
function cancelled(): ProbeOutcome {
  return { result: 'unknown', message: 'cancelled' };
}

/** Reason and message of the event, in the form that Kubernetes' tools look for. */
function eventOf(kind: ProbeKind, { result, message }: ProbeOutcome): Pick<ProbeFailure, 'reason' | 'message'> {
  const name = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }[kind];
  if (result === 'warning') return { reason: 'ProbeWarning', message: `${name} probe warning: ${message}` };
  const what = result === 'unknown' ? 'errored and resulted in unknown state' : 'failed';
  return { reason: 'Unhealthy', message: `${name} probe ${what}: ${message}` };
}
