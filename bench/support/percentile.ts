/**
 * Exact percentiles from sorted samples (nearest rank), medians of rounds, drift of yardsticks.
 * Pure; knows nothing of what was measured.
 */
export type Spread = { count: number; p50: number; p95: number; p99: number; max: number };

/** @param share 0 to 1; @returns the smallest sample that so many are not above; NaN for none */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.max(1, rank) - 1] ?? Number.NaN;
}

export function spread(samples: readonly number[]): Spread {
  const sorted = Float64Array.from(samples).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** With an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(half)] ?? Number.NaN;
  return ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}

/** How far two readings of one yardstick lie apart, as a share of the smaller one. */
export const drift = (first: number, last: number): number =>
  Math.max(first, last) / Math.min(first, last) - 1;

/** The median of each figure over several rounds. */
export function medianOf<K extends string>(
  rounds: readonly Readonly<Record<K, number>>[],
  keys: readonly K[],
): Record<K, number> {
  const entries = keys.map((key) => [key, median(rounds.map((round) => round[key]))] as const);
  return Object.fromEntries(entries) as Record<K, number>;
}
