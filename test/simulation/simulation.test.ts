/**
 * The simulation as CI runs it: the same seed is the same world, seeds that once failed, enough new
 * ones, and the self-test: every known bug that is planted must be found.
 */
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runManySeeds } from './many-seeds.ts';
import { PLANTS, type PlantName } from './plants.ts';
import { openSeeds } from './run-seed.ts';
import { REGRESSIONS, SEEDS, STEPS } from './seeds.ts';

/** Within so many seeds each known bug must show itself. */
const FOUND_WITHIN: Record<PlantName, number> = {
  withoutUnique: 20,
  seqOutsideCommit: 200,
  ownerAtStart: 120,
  noteToContact: 20,
  resumeOffByOne: 20,
  ackBeforeCommit: 20,
  deliveryBeforeCommit: 20,
  outboxNotFifo: 20,
  epochKept: 400,
  otherTextIsEqual: 150,
};
const SLOW_MS = 600_000;

let seeds: Awaited<ReturnType<typeof openSeeds>>;
beforeAll(async () => {
  seeds = await openSeeds();
});
afterAll(() => seeds.close());

describe('a seed', () => {
  it(
    'gives the same world twice, byte for byte; another seed gives another',
    async () => {
      const hashes: string[] = [];
      for (const seed of [3, 3, 41, 41]) {
        hashes.push((await seeds.run(seed, { steps: STEPS })).hash);
      }
      expect(hashes[1]).toBe(hashes[0]);
      expect(hashes[3]).toBe(hashes[2]);
      expect(hashes[2]).not.toBe(hashes[0]);
    },
    SLOW_MS,
  );

  it.each(REGRESSIONS)('$seed finds nothing any more ($found)', async ({ seed, steps }) => {
    expect((await seeds.run(seed, { steps })).finding).toBeUndefined();
  });
});

describe('self-test: a known bug is found', () => {
  it.each(Object.keys(PLANTS) as PlantName[])(
    '%s',
    async (name) => {
      let tried = 0;
      let found: string | undefined;
      while (found === undefined && tried < FOUND_WITHIN[name]) {
        const { finding } = await seeds.run(++tried, { steps: STEPS, plant: PLANTS[name] });
        found = finding && `${finding.rule}: ${finding.what}`;
      }
      expect(found, `${name} was not found in ${tried} seeds`).toBeDefined();
      process.stdout.write(
        `  ${name}: found in seed ${tried} of ${FOUND_WITHIN[name]}, ${found}\n`,
      );
    },
    SLOW_MS,
  );
});

describe('the core under fire', () => {
  it(
    `holds every promise in ${SEEDS} seeds`,
    async () => {
      const threads = availableParallelism();
      const summary = await runManySeeds({ from: 1, count: SEEDS, steps: STEPS, threads });
      const { seeds: ran, happened, events, acks } = summary;
      process.stdout.write(
        `  ${ran} seeds, ${happened} checked happenings, ${events} events stored, ${acks} acks\n`,
      );
      const found = summary.found.map(({ seed, finding }) => `seed ${seed}: ${finding?.what}`);
      expect(found).toEqual([]);
      expect(ran).toBe(SEEDS);
      // A zero without its N says nothing: faults and resends must really have happened.
      for (const what of ['restored', 'acked again', 'closed with 4008', 'fault crash']) {
        expect(summary.counts[what] ?? 0, what).toBeGreaterThan(0);
      }
    },
    SLOW_MS,
  );
});
