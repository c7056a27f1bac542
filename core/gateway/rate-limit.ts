/** Token buckets: `burst` at once, `perSecond` in the long run. Time is handed in. */
export type Bucket = { take(): boolean; waitMs(): number };

export const createBucket = (burst: number, perSecond: number, elapsed: () => number): Bucket =>
  new TokenBucket(burst, perSecond, elapsed);

/** A class: every connection has two. */
class TokenBucket implements Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #elapsed: () => number;
  #tokens: number;
  #last: number;

  constructor(burst: number, perSecond: number, elapsed: () => number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#elapsed = elapsed;
    this.#tokens = burst;
    this.#last = elapsed();
  }

  /** Uses one token up, or says no. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Milliseconds until there is a token again. */
  waitMs(): number {
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1_000);
  }

  #refill(): void {
    const now = this.#elapsed();
    const more = ((now - this.#last) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + more);
    this.#last = now;
  }
}

/** For load tests. */
export const UNLIMITED: Bucket = { take: () => true, waitMs: () => 0 };

/** One bucket per key, e.g. per address; forgets the one unused longest when there are too many. */
export function createBuckets(make: () => Bucket, keysMax: number): { of(key: string): Bucket } {
  const buckets = new Map<string, Bucket>();
  function of(key: string): Bucket {
    const bucket = buckets.get(key) ?? make();
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > keysMax) {
      const oldest = buckets.keys().next().value;
      if (oldest !== undefined) buckets.delete(oldest);
    }
    return bucket;
  }
  return { of };
}
