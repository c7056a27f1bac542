/** Chance that repeats itself: the same seed gives the same load. Pure. */

/** @returns numbers from 0 to below 1 (mulberry32) */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Moments in milliseconds of a Poisson process: what arrives does not know of what arrived. */
export function arrivals(perSecond: number, durationMs: number, chance: () => number): number[] {
  const times: number[] = [];
  let at = 0;
  for (;;) {
    at += (-Math.log(1 - chance()) / perSecond) * 1_000;
    if (at >= durationMs) return times;
    times.push(at);
  }
}

export function shuffled<T>(items: readonly T[], chance: () => number): T[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(chance() * left.length), 1)[0] as T);
}
