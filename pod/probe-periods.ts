/** Probe periods in milliseconds, by annotation: `probe.durapod.io/<container>.<kind>-period: 200ms`. Beyond upstream. */
import type { ProbeChanged } from './messages.ts';
import type { Pod } from './types.ts';

type Kind = ProbeChanged['kind'];

/** What the annotations' names begin with. */
export const PROBE_PERIOD = 'probe.durapod.io/';
/** The shortest period, and the longest, in ms. */
export const PROBE_PERIOD_RANGE = [100, 60_000] as const;

/** Which probe of which container an annotation is about; undefined when its name does not say. */
export function probeOfPeriod(annotation: string): { container: string; kind: Kind } | undefined {
  const match = /^(.+)\.(startup|liveness|readiness)-period$/.exec(annotation.slice(PROBE_PERIOD.length));
  return match ? { container: match[1]!, kind: match[2] as Kind } : undefined;
}

/** A period in ms; undefined when it is not written as one. */
export function parseProbePeriod(text: string): number | undefined {
  const [shortest, longest] = PROBE_PERIOD_RANGE;
  const ms = Number(/^(\d+)ms$/.exec(text)?.[1]);
  return ms >= shortest && ms <= longest ? ms : undefined;
}

/** The periods that a Pod's annotations choose for a container's probes, in ms. */
export function probePeriods(
  { metadata: { annotations = {} } }: Pod,
  container: string,
): Partial<Record<Kind, number>> {
  const periods: Partial<Record<Kind, number>> = {};
  for (const [name, value] of Object.entries(annotations)) {
    const probe = name.startsWith(PROBE_PERIOD) ? probeOfPeriod(name) : undefined;
    if (probe?.container === container) periods[probe.kind] = parseProbePeriod(value);
  }
  return periods;
}
