/**
 * `npm run sim`: runs worlds by seed and says what was found, with the command that repeats it.
 *   npm run sim                       2 000 seeds from 1
 *   npm run sim -- --seed 7           one seed; with --trace everything that happens in it
 *   npm run sim -- --seeds 100000     any number; --seed says where they begin
 *   npm run sim -- --plant <name>     with a known bug in it, until it is found
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runManySeeds, type Summary } from './many-seeds.ts';
import { PLANTS, type PlantName } from './plants.ts';
import { openSeeds } from './run-seed.ts';
import { SEEDS, STEPS } from './seeds.ts';
import type { Outcome } from './world.ts';

const PROGRESS_MS = 1_000;
const SHOWN_MAX = 10;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    plant: { type: 'string' },
    trace: { type: 'boolean' },
  },
});

/** @throws Error when it is no whole number above 0 */
function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`"${text}" is not a whole number above 0`);
}

function plantOf(name: string | undefined): PlantName | undefined {
  if (name === undefined || name in PLANTS) return name as PlantName | undefined;
  throw new Error(`There is no plant "${name}". Known: ${Object.keys(PLANTS).join(', ')}`);
}

const steps = number(values.steps, STEPS);
const plant = plantOf(values.plant);
const from = number(values.seed, 1);
const count = number(values.seeds, values.seed === undefined ? SEEDS : 1);
const repeat = (seed: number): string =>
  `npm run sim -- --seed ${seed} --steps ${steps}${plant ? ` --plant ${plant}` : ''} --trace`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function tell({ seed, finding }: Outcome): void {
  if (!finding) return;
  const when = `step ${finding.step}, ${Math.round(finding.atMs)} ms`;
  print(`FOUND seed ${seed}, ${when}: ${finding.rule}: ${finding.what}`);
  print(`  again: ${repeat(seed)}`);
}

const figures = (summary: Summary): string =>
  `${summary.seeds} seeds, ${summary.happened} checked happenings, ` +
  `${summary.events} events stored, ${summary.acks} acks, ${summary.found.length} found`;

async function traceOne(): Promise<number> {
  const seeds = await openSeeds();
  const outcome = await seeds.run(from, {
    steps,
    plant: plant === undefined ? {} : PLANTS[plant],
    onTrace: print,
  });
  seeds.close();
  print(`seed ${from}: ${outcome.happened} happenings, trace hash ${outcome.hash}`);
  tell(outcome);
  return outcome.finding ? 1 : 0;
}

async function runMany(): Promise<number> {
  const threads = number(values.threads, availableParallelism());
  const started = performance.now();
  let told = started;
  const summary = await runManySeeds({
    from,
    count,
    steps,
    threads,
    plant,
    stopAtFirst: plant !== undefined,
    onOutcome: (now) => {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      print(`  ${figures(now)}`);
    },
  });
  for (const outcome of summary.found.slice(0, SHOWN_MAX)) tell(outcome);
  const seconds = (performance.now() - started) / 1_000;
  const counts = Object.entries(summary.counts).sort(([a], [b]) => a.localeCompare(b));
  print(counts.map(([what, times]) => `${what} ${times}`).join(' · '));
  print(
    `${figures(summary)}; ${(summary.simulatedMs / HOUR_MS).toFixed(1)} simulated hours ` +
      `in ${seconds.toFixed(1)} s on ${threads} threads, ${steps} steps a seed`,
  );
  return summary.found.length > 0 ? 1 : 0;
}

process.exitCode = await (values.trace && count === 1 ? traceOne() : runMany());
