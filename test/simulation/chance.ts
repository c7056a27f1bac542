/**
 * Chance by seed: the same seed gives the same numbers on every machine (I7). One stream per
 * world; whoever draws from it in another order has made another world.
 */
import { type Random, uuidV7 } from '#core/platform/random.ts';

export type Chance = Random & {
  /** 0 inclusive to 1 exclusive. */
  next(): number;
  /** A whole number, both ends inclusive. */
  between(min: number, max: number): number;
  /** True in `share` of all cases, 0 to 1. */
  happens(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the keys, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** Mostly short, seldom long: milliseconds around `mean`, at most ten times it. */
  wait(mean: number): number;
};

const BYTES = 256;
const WARM_UP = 15;

/** @param seed a whole number below 2^53 */
export function createChance(seed: number): Chance {
  const draw = sfc32(seed);
  const next = (): number => draw() / 2 ** 32;
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const bytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => draw() % BYTES);

  function weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  return {
    next,
    between,
    happens: (share) => next() < share,
    pick: <T>(list: readonly T[]): T => list[between(0, list.length - 1)] as T,
    weighted,
    wait: (mean) => Math.min(10 * mean, Math.round(-Math.log(1 - next()) * mean)),
    uuid: (nowMs) => uuidV7(nowMs, bytes(10)),
    token: () => Buffer.from(bytes(32)).toString('base64url'),
  };
}

/** Chris Doty-Humphrey's small fast counter, 128 bits of state. @returns 32 random bits a call */
function sfc32(seed: number): () => number {
  let a = Math.floor(seed / 2 ** 32) | 0;
  let b = seed | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const draw = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < WARM_UP; i++) draw();
  return draw;
}
