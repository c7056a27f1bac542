/** Token buckets on a virtual clock: a burst, then a steady rate, and never more (I6, I7). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBucket, createBuckets, UNLIMITED } from '#core/gateway/rate-limit.ts';

/** How many of `count` tries pass at this moment. */
const passing = (bucket: { take(): boolean }, count: number): number =>
  Array.from({ length: count }, () => bucket.take()).filter(Boolean).length;

describe('a bucket', () => {
  it('lets a burst pass, then one per interval', () => {
    let now = 5_000;
    const bucket = createBucket(3, 2, () => now);
    expect(passing(bucket, 10)).toBe(3);
    now += 499;
    expect(bucket.take()).toBe(false);
    now += 1;
    expect(passing(bucket, 10)).toBe(1);
    now += 1_000;
    expect(passing(bucket, 10)).toBe(2);
  });

  it('saves up no more than a burst', () => {
    let now = 0;
    const bucket = createBucket(3, 2, () => now);
    now = 3_600_000;
    expect(passing(bucket, 10)).toBe(3);
  });

  it('says how long to wait, and then there is one', () => {
    let now = 0;
    const bucket = createBucket(1, 3, () => now);
    expect(bucket.waitMs()).toBe(0);
    expect(bucket.take()).toBe(true);
    expect(bucket.waitMs()).toBe(334);
    now += bucket.waitMs();
    expect([bucket.waitMs(), bucket.take()]).toEqual([0, true]);
  });

  it('asking costs nothing, and refused tries do not either', () => {
    let now = 0;
    const bucket = createBucket(1, 1, () => now);
    passing(bucket, 100);
    bucket.waitMs();
    now = 1_000;
    expect(bucket.take()).toBe(true);
  });

  it('whatever the pattern: never more than burst + rate × time, never starved below it', () => {
    const pauses = fc.array(fc.nat(2_000), { maxLength: 60 });
    const property = fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      pauses,
      (burst, perSecond, waits) => {
        let now = 0;
        let passed = 0;
        const bucket = createBucket(burst, perSecond, () => now);
        for (const wait of [0, ...waits]) {
          now += wait;
          passed += passing(bucket, 200);
        }
        expect(passed).toBeLessThanOrEqual(burst + (now / 1_000) * perSecond + 1e-6);
        expect(passed).toBeGreaterThanOrEqual(burst);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });
});

describe('buckets by key', () => {
  const make = () => createBucket(1, 0.001, () => 0);

  it('are separate: one address does not use up what is another one’s', () => {
    const buckets = createBuckets(make, 10);
    expect([buckets.of('a').take(), buckets.of('a').take(), buckets.of('b').take()]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('forget the one unused longest, and no other', () => {
    const buckets = createBuckets(make, 2);
    buckets.of('a').take();
    buckets.of('b').take();
    buckets.of('a');
    buckets.of('c');
    expect(buckets.of('a').take()).toBe(false);
    expect(buckets.of('b').take()).toBe(true);
  });
});

it('without limits everything passes at once', () => {
  expect([passing(UNLIMITED, 1_000), UNLIMITED.waitMs()]).toEqual([1_000, 0]);
});
