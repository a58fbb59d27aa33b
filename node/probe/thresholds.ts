/** The probes a container may have. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What a probe has established. `unknown` only before a startup probe has reached a threshold. */
export type Verdict = 'success' | 'failure' | 'unknown';

/** How a probe stands: its verdict, and the run of equal results that may change it. */
export interface Tally {
  verdict: Verdict;
  last?: 'success' | 'failure';
  run: number;
}

export interface Thresholds {
  success: number;
  failure: number;
}

/** Before the first result: not ready, alive, and not known to have started (kubelet: prober worker). */
export function initialTally(kind: ProbeKind): Tally {
  return { verdict: ({ startup: 'unknown', liveness: 'success', readiness: 'failure' } as const)[kind], run: 0 };
}

/** Counts one result. The verdict follows as soon as as many in a row as the threshold asks for are equal. */
export function count(tally: Tally, result: 'success' | 'failure', thresholds: Thresholds): Tally {
  const run = tally.last === result ? tally.run + 1 : 1;
  return { verdict: run >= thresholds[result] ? result : tally.verdict, last: result, run };
}

/**
 * Whether the probe rests for the rest of this container's life: a startup probe that is decided, a liveness probe that
 * failed (the container is going to be replaced, and an exec into one that is being stopped does harm).
 */
export function isDecided(kind: ProbeKind, verdict: Verdict): boolean {
  return kind === 'startup' ? verdict !== 'unknown' : kind === 'liveness' && verdict === 'failure';
}
