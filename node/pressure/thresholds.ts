/**
 * When a node is short of something: the kubelet's signals and hard thresholds.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
 */
import { canonicalQuantity, isQuantity, parseQuantity, wholeValue } from '../../pod/quantity.ts';

/** What each signal is of, and what the node says of itself when it is short of that. */
const SIGNALS = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'nodefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'imagefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'imagefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
} as const;

export type Signal = keyof typeof SIGNALS;
export type Resource = (typeof SIGNALS)[Signal]['resource'];
export type Pressure = (typeof SIGNALS)[Signal]['condition'];

/** Below so much there is pressure: an amount (bytes, inodes, processes), or a part of the capacity. */
export type Threshold = { signal: Signal } & ({ amount: number } | { percent: number });

export interface Observation {
  available: number;
  capacity: number;
}
export type Observations = Partial<Record<Signal, Observation>>;

/** A threshold below which the node is. */
export interface Shortage {
  signal: Signal;
  resource: Resource;
  condition: Pressure;
  /** Quantities. */
  threshold: string;
  available: string;
}

/** Reads `memory.available<100Mi,nodefs.available<10%`; nothing at all for an empty text. Throws what is wrong with it. */
export function parseThresholds(text: string): Threshold[] {
  const thresholds = text.split(',').filter(Boolean).map(parseThreshold);
  const twice = thresholds.find(({ signal }, i) => thresholds.findIndex((t) => t.signal === signal) !== i);
  if (twice) throw new Error(`${twice.signal} is there twice`);
  return thresholds;
}

function parseThreshold(text: string): Threshold {
  const [, signal = '', value = ''] = /^\s*([^<\s]*)\s*<\s*(\S*)\s*$/.exec(text) ?? [];
  if (!Object.hasOwn(SIGNALS, signal)) {
    const known = Object.keys(SIGNALS).join(', ');
    throw new Error(`"${text}" is none of ${known}, followed by < and an amount or a percentage`);
  }
  const named = { signal: signal as Signal };
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return { ...named, percent: Number(percent) };
  const amount = isQuantity(value) ? Number(wholeValue(parseQuantity(value))) : -1;
  if (amount >= 0) return { ...named, amount };
  throw new Error(`"${value}" is no threshold for ${signal}: an amount such as 100Mi or a percentage such as 10% is`);
}

/** What the node is short of, memory first, as it is reclaimed first. What was not observed is no shortage. */
export function shortagesOf(thresholds: Threshold[], observations: Observations): Shortage[] {
  const found = thresholds.flatMap((threshold): Shortage[] => {
    const { signal } = threshold;
    const observed = observations[signal];
    const limit = observed ? limitOf(threshold, observed) : 0;
    if (!observed || observed.available >= limit) return [];
    const quantities = { threshold: quantity(limit), available: quantity(observed.available) };
    return [{ signal, ...SIGNALS[signal], ...quantities }];
  });
  return found.toSorted((a, b) => Number(b.resource === 'memory') - Number(a.resource === 'memory'));
}

function limitOf(threshold: Threshold, { capacity }: Observation): number {
  return 'amount' in threshold ? threshold.amount : Math.floor((capacity * threshold.percent) / 100);
}

/** As the API writes an amount. */
export function quantity(amount: number): string {
  return canonicalQuantity(amount >= 1024 && amount % 1024 === 0 ? `${amount / 1024}Ki` : amount);
}
