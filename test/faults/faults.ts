/**
 * `npm run faults -- [F1 F2 …] [--seconds s] [--full] [--seed n]`: real servers under real faults,
 * held against what their clients saw. Prints one table; exit code 1 when anything was lost, twice,
 * out of order or otherwise not as promised. What this machine lacks is said, not passed over.
 */
import { parseArgs } from 'node:util';
import { isPassed, missing, type Outcome, skipped } from './support/fault.ts';
import { type Planned, plan, TOTAL_MIN } from './support/plan.ts';
import { type Ran, sum, table } from './support/table.ts';

const SECONDS = 10;
const SECONDS_FULL = 120;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { full } = values;
  const seconds = Number(values.seconds ?? (full ? SECONDS_FULL : SECONDS));
  const seed = Number(values.seed);
  const all = await plan(full);
  const unknown = positionals.filter((id) => !all.some(({ fault }) => fault.id === id));
  if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
    say(`There is no ${unknown.join(', ') || 'such number'}.`);
    say(`Faults: ${all.map(({ fault }) => `${fault.id} ${fault.title}`).join(', ')}`);
    return 2;
  }
  const isChosen = ({ fault }: Planned): boolean =>
    positionals.length === 0 || positionals.includes(fault.id);
  const started = performance.now();
  const ran: Ran[] = [];
  for (const { fault, messages } of all.filter(isChosen)) {
    say(`— ${fault.id} ${fault.title}`);
    const lacks = missing(fault.needs);
    const options = { seed, seconds, messages, full, say: (line: string) => say(`  ${line}`) };
    const outcome = lacks === undefined ? await fault.run(options).catch(broken) : skipped(lacks);
    ran.push({ fault, outcome });
  }
  say('');
  for (const line of table(ran)) say(line);
  say(`seed ${seed}, ${Math.round((performance.now() - started) / 1_000)} s`);
  return verdict(ran, positionals.length === 0 ? TOTAL_MIN[full ? 'full' : 'bounded'] : 0);
}

/** A fault that cannot be brought to its end is no pass. */
const broken = (error: unknown): Outcome => ({
  ...skipped(''),
  skipped: undefined,
  remark: 'broken off',
  criteria: [
    { what: `${error instanceof Error ? error.message : error}`.slice(0, 2_000), isMet: false },
  ],
});

function verdict(ran: readonly Ran[], ackedMin: number): number {
  const { acked } = sum(ran);
  const isEnough = acked >= ackedMin;
  if (!isEnough) say(`${acked} acked messages are fewer than ${ackedMin}.`);
  const isGood = ran.every(({ outcome }) => outcome.skipped !== undefined || isPassed(outcome));
  return isGood && isEnough ? 0 : 1;
}

process.exitCode = await main();
