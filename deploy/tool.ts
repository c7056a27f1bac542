/**
 * What the command-line tools share: lines for people, progress for what takes longer than a
 * second, sizes, and one sentence with an exit code when something cannot be done.
 */
import { rmSync, statfsSync } from 'node:fs';
import { ConfigError } from '#core/platform/config.ts';
import { StartRefused } from '#core/store/sqlite-guards.ts';
import type { Verdict } from '#core/store/sqlite-verify.ts';

/** What the operator must change first; the message says it. */
export class Refused extends Error {}

const EXIT_REFUSED = 2;
const EXIT_UNEXPECTED = 3;
const EXIT_INTERRUPTED = 130;
const PROGRESS_EVERY_MS = 1_000;
const MIB = 1024 * 1024;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs a tool to its exit code; `name` begins the sentence that says why it stopped. */
export async function run(name: string, main: () => Promise<number>): Promise<void> {
  // Whoever read our output may go away; the work goes on.
  process.stdout.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(EXIT_INTERRUPTED));
  }
  try {
    process.exitCode = await main();
  } catch (error) {
    const isRefusal =
      error instanceof Refused || error instanceof StartRefused || error instanceof ConfigError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${message}\n`);
    if (!isRefusal && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = isRefusal ? EXIT_REFUSED : EXIT_UNEXPECTED;
  }
}

/** Half a copy is full of people's words: it goes, however the tool ends (but for kill -9). */
export function removeAtExit(files: readonly string[]): void {
  process.once('exit', () => {
    for (const file of files) rmSync(file, { force: true });
  });
}

/** @returns takes shares from 0 to 1 and prints one line a second, none in the first */
export function progress(what: string): (share: number) => void {
  let said = performance.now();
  return (share) => {
    if (performance.now() - said < PROGRESS_EVERY_MS) return;
    said = performance.now();
    say(`  ${what}: ${Math.floor(share * 100)} %`);
  };
}

/** @returns e.g. `20261122T230000Z`: sorts by time, fit for a file's name */
export const timestamp = (nowMs: number): string =>
  new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');

export const megabytes = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MB`;

export const seconds = (startedMs: number): string =>
  `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;

/** @throws Refused when `folder` has not this much room */
export function assertRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new Refused(
    `${folder} has ${megabytes(bavail * bsize)} of room, ${megabytes(bytes)} are needed.`,
  );
}

/** Prints what was found; @returns whether the database is sound */
export function sayVerdict(file: string, { problems, version, counts }: Verdict): boolean {
  const counted = Object.entries(counts ?? {}).map(([table, n]) => `, ${n} ${table}`);
  say(`  ${file}: version ${version}${counted.join('')}`);
  for (const problem of problems) say(`  Not sound: ${problem}.`);
  if (problems.length === 0) {
    say('  Sound: pages, references, numbers of all events, every conversation replayed.');
  }
  return problems.length === 0;
}
