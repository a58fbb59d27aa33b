/**
 * Back-off as the kubelet has it: 10 s doubling to 5 min, counted from the end of the attempt before; forgotten when
 * the container ran for twice the maximum. The first restart after a quiet time is immediate.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
export const BACKOFF_INITIAL_MS = 10_000;
const BACKOFF_MAX_MS = 300_000;
const BACKOFF_RESET_MS = 2 * BACKOFF_MAX_MS;

export interface Backoff {
  backoffMs: number;
  backoffAt: number;
}

export interface NextTry extends Backoff {
  /** Earliest time of the next try, ms since the epoch. */
  retryAt: number;
}

/** When a container that ended at `endedAt` may start again, and the back-off to remember. Times in ms since the epoch. */
export function restartBackoff(current: Backoff, endedAt: number): NextTry {
  const fresh = current.backoffMs === 0 || endedAt - current.backoffAt > BACKOFF_RESET_MS;
  const retryAt = fresh ? endedAt : endedAt + current.backoffMs;
  const backoffMs = fresh ? BACKOFF_INITIAL_MS : Math.min(current.backoffMs * 2, BACKOFF_MAX_MS);
  return { backoffMs, backoffAt: retryAt, retryAt };
}

/**
 * The same for one that was ended because of a probe. The kubelet starts it again in the step that ends it, in which it
 * knows only of the end before (`lastEndedAt`): one that had none starts at once and leaves the back-off as it is, and so
 * does one that lived longer than its back-off, which then grows.
 */
export function probeRestartBackoff(current: Backoff, lastEndedAt: number | undefined, endedAt: number): NextTry {
  const { backoffMs, backoffAt } = current;
  if (lastEndedAt === undefined) return { backoffMs, backoffAt, retryAt: endedAt };
  const next = restartBackoff(current, lastEndedAt);
  if (next.retryAt > endedAt) return restartBackoff(current, endedAt);
  return { ...next, backoffAt: endedAt, retryAt: endedAt };
}

/** When to try again what failed at `now` before anything ran (an image pull): the first wait is the initial one already. */
export function retryBackoff(
  current: Backoff,
  now: number,
  initialMs = BACKOFF_INITIAL_MS,
  maxMs = BACKOFF_MAX_MS,
): NextTry {
  const backoffMs = current.backoffMs === 0 ? initialMs : Math.min(current.backoffMs * 2, maxMs);
  return { backoffMs, backoffAt: now, retryAt: now + backoffMs };
}

/** A duration as Go prints it in the kubelet's messages: `10s`, `1m20s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
