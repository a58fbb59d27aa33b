/** When probes run: pure arithmetic in milliseconds. */

/** The period: the annotation's, else the probe's own (10 s by default). */
export function periodOf(probe: { periodSeconds?: number }, periodMs: number | undefined): number {
  return periodMs ?? (probe.periodSeconds || 10) * 1000;
}

/**
 * How long from `now` to the first probe: what is left of the initial delay, counted from the container's start. For a
 * container that was running before a prober that has itself just started, at least a random part of the period
 * (`random` in [0, 1)), so that a restart of the node does not probe everything at once.
 */
export function firstDelay(input: {
  now: number;
  containerStartedAt: number;
  proberStartedAt: number;
  initialDelaySeconds: number;
  periodMs: number;
  random: number;
}): number {
  const { now, containerStartedAt, proberStartedAt, initialDelaySeconds, periodMs, random } = input;
  const afterRestart = containerStartedAt < proberStartedAt && now - proberStartedAt < periodMs;
  return Math.max(containerStartedAt + initialDelaySeconds * 1000 - now, afterRestart ? random * periodMs : 0, 0);
}

/**
 * When the probe after the one that was due at `due` is due. Probes keep their beat: one that took longer than a period
 * is followed at once by the next, and beats missed beyond that one are dropped.
 */
export function nextDue(due: number, periodMs: number, now: number): number {
  const missed = Math.floor((now - due) / periodMs);
  return due + Math.max(missed, 1) * periodMs;
}
