/**
 * `npm run bench -- <name> [flags]`: every speed and size that Tresen tells of itself is printed
 * by this command. Markdown on stdout, the same with all details as bench/results/<name>.json.
 * Ends with 1 when a figure misses its must-line.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineFacts, machineLine } from './support/machine.ts';
import { type Report, text } from './support/report.ts';

type Bench = { about: string; run(args: string[]): Promise<Report | undefined> };

const RESULTS = join(import.meta.dirname, 'results');

/** In the order of `all`: what takes long comes last. */
const BENCHES: Record<string, Bench> = {
  size: {
    about: 'what browsers load, gzip',
    run: async (args) => (await import('./size.ts')).run(args),
  },
  start: {
    about: 'from starting the process to the first answer [--rounds 3]',
    run: async (args) => (await import('./start.ts')).run(args),
  },
  durable: {
    about:
      'person to person, acknowledged after fsync, beside echo, SQLite, Redis, socket.io ' +
      '[--settings 1x1,64x1,64x16,1000x1] [--peers echo,…|none] [--rounds 3] [--seconds 4]',
    run: async (args) => (await import('./durable.ts')).run(args),
  },
  answer: {
    about: 'from the question to the bot’s answer, both on disk [--rate 1,50] [--seconds 20]',
    run: async (args) => (await import('./answer.ts')).run(args),
  },
  idle: {
    about: 'memory of idle connections [--connections 10000] [--seconds 20]',
    run: async (args) => (await import('./idle.ts')).run(args),
  },
  storm: {
    about: 'all contacts dropped at once come back [--connections 10000] [--at-once 400]',
    run: async (args) => (await import('./storm.ts')).run(args),
  },
  recovery: {
    about: 'back after kill -9 with a long history [--messages 1000000] [--rounds 3]',
    run: async (args) => (await import('./recovery.ts')).run(args),
  },
  overload: {
    about: 'three times what can be done [--connections 128] [--times 3] [--seconds 20]',
    run: async (args) => (await import('./overload.ts')).run(args),
  },
  intent: {
    about: 'quality and speed of understanding [--full]',
    run: async (args) => {
      await (await import('./intent.ts')).run(args);
      return undefined;
    },
  },
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function list(): void {
  say('npm run bench -- <name> [flags]\n');
  for (const [name, { about }] of Object.entries(BENCHES)) say(`  ${name.padEnd(8)} ${about}`);
  say('  all      all of them, one after the other, without flags');
}

/** @returns false when a must-line was missed; `intent` prints and stores its results itself */
async function runOne(name: string, bench: Bench, args: string[]): Promise<boolean> {
  const machine = machineFacts(tmpdir());
  const report = await bench.run(args);
  if (report === undefined) return true;
  mkdirSync(RESULTS, { recursive: true });
  const { figures, isPassed, notes } = report;
  const result = { name, args, machine, isPassed, notes, figures };
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  say(`\n${text(report)}\n- ${machineLine(machine)}`);
  if (machine.fileSystem === 'tmpfs')
    say('- **The data lay on tmpfs, where fsync costs nothing.**');
  return report.isPassed;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined) {
    list();
    return 0;
  }
  const bench = BENCHES[name];
  if (bench) return (await runOne(name, bench, args)) ? 0 : 1;
  if (name !== 'all' || args.length > 0) {
    list();
    return 2;
  }
  let isPassed = true;
  for (const [each, one] of Object.entries(BENCHES))
    isPassed = (await runOne(each, one, [])) && isPassed;
  return isPassed ? 0 : 1;
}

// What was started is ended and what was written removed by `exit` listeners: let them run.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));
