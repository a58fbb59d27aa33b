export interface Summary {
  median: number;
  p90: number;
}

/** Median and 90th percentile (nearest rank) of at least one value. */
export function summarize(values: number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  const half = sorted.length / 2;
  const median = sorted.length % 2 === 0 ? ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2 : rank(0.5);
  return { median, p90: rank(0.9) };
}
