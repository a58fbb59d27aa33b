/**
 * The longest grace period that is counted: a hundred years. Kubernetes takes any int64 of seconds; a moment so far ahead
 * could be neither written as a time nor waited for.
 */
export const MAX_GRACE_SECONDS = 100 * 365 * 86_400;

/** A grace period as it is counted. */
export const countedGrace = (seconds: number): number => Math.min(seconds, MAX_GRACE_SECONDS);
