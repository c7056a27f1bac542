/**
 * Nothing lost, nothing twice, nothing out of order: every fault of the fault matrix that a build
 * can run, against real server processes, for a bounded number of messages. `npm run faults` is
 * the same at any length.
 */
import { afterAll, expect, it } from 'vitest';
import { missing } from './support/fault.ts';
import { plan, TOTAL_MIN } from './support/plan.ts';
import { type Ran, sum, table } from './support/table.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? 1);
const SECONDS = 8;
const WITHIN_MS = 300_000;

const ran: Ran[] = [];
const planned = await plan(false);

for (const { fault, messages } of planned) {
  const lacks = missing(fault.needs);
  const name = `${fault.id} ${fault.title}`;
  it.skipIf(lacks !== undefined)(
    lacks === undefined ? name : `${name} (skipped: ${lacks})`,
    async () => {
      const say = (): void => undefined;
      const outcome = await fault.run({ seed: SEED, seconds: SECONDS, messages, full: false, say });
      if (outcome.skipped === undefined) ran.push({ fault, outcome });
      const { counts, findings, criteria } = outcome;
      expect(findings).toEqual([]);
      expect(criteria.filter(({ isMet }) => !isMet)).toEqual([]);
      expect(counts).toMatchObject({
        lost: 0,
        twice: 0,
        reordered: 0,
        gaps: 0,
        leaks: 0,
        wrong: 0,
      });
    },
    WITHIN_MS,
  );
}

it('over all faults: zero of enough', () => {
  const { acked, lost, twice, reordered } = sum(ran);
  expect({ lost, twice, reordered }).toEqual({ lost: 0, twice: 0, reordered: 0 });
  expect(acked).toBeGreaterThanOrEqual(TOTAL_MIN.bounded);
});

afterAll(() => {
  process.stdout.write(`\n${table(ran).join('\n')}\n`);
});
