/** Token buckets: `burst` at once, `perSecond` in the long run. Time is handed in. */
export type Bucket = { take(): boolean; waitMs(): number };

export function createBucket(burst: number, perSecond: number, elapsed: () => number): Bucket {
  let tokens = burst;
  let last = elapsed();

  function refill(): void {
    const now = elapsed();
    tokens = Math.min(burst, tokens + ((now - last) / 1_000) * perSecond);
    last = now;
  }

  /** Uses one token up, or says no. */
  function take(): boolean {
    refill();
    if (tokens < 1) return false;
    tokens--;
    return true;
  }

  /** Milliseconds until there is a token again. */
  function waitMs(): number {
    refill();
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
  }

  return { take, waitMs };
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
