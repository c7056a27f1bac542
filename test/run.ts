/**
 * `npm test`: everything, in one command, on a bare machine: the Debian packages that the tests
 * need, style and types, the browser apps, then all tests. Ends with the counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureSystemPackages } from './support/system-packages.ts';

/** Where test servers find the model too (test/support/server.ts). */
const ENV = { TRESEN_MODEL_DIR: resolve('.cache/test-model') };
/** One after the other: faults and simulation use the whole machine, which would disturb others. */
const GROUPS: [name: string, args: string[]][] = [
  ['tests', ['--exclude', 'test/faults/**', '--exclude', 'test/simulation/**']],
  ['simulation', ['test/simulation']],
  ['faults', ['test/faults']],
];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function step(name: string, command: string, args: string[]): boolean {
  say(`\n— ${name}`);
  return (
    spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...ENV } }).status === 0
  );
}

function main(): number {
  mkdirSync('.cache', { recursive: true });
  const chosen = process.argv.slice(2);
  const missing = ensureSystemPackages(say);
  if (missing) {
    say(missing);
    return finish(0, 1);
  }
  const isWhole = chosen.length === 0;
  const isStyled = !isWhole || step('style', 'biome', ['check', '.']);
  const isTyped =
    !isWhole ||
    (step('types: server', 'tsc', ['--noEmit', '-p', '.']) &&
      step('types: browser', 'tsc', ['--noEmit', '-p', 'web']));
  const isBuilt = step('browser apps', 'node', ['web/build.ts', '--if-changed']);
  // Once, before test files start it several times at the same time.
  const isTrained = step('model', 'node', ['models/ask.ts', 'Wo bleibt mein Paket?']);
  const steps = [isStyled, isTyped, isBuilt, isTrained];
  const failedSteps = steps.filter((isOk) => !isOk).length;
  const groups = isWhole ? GROUPS : [['tests', chosen] satisfies (typeof GROUPS)[number]];
  const counts = groups.map((group) => runGroup(...group));
  const sum = (key: 'passed' | 'failed') => counts.reduce((total, count) => total + count[key], 0);
  return finish(sum('passed') + steps.length - failedSteps, sum('failed') + failedSteps);
}

function runGroup(name: string, args: string[]) {
  const file = `.cache/test-results-${name}.json`;
  rmSync(file, { force: true });
  const isPassed = step(name, 'vitest', ['run', `--outputFile.json=${file}`, ...args]);
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  // A test file that could not even load counts as a failure although no test of it ran.
  const failed = Math.max(counts.numFailedTests ?? 0, isPassed ? 0 : 1);
  return { passed: Number(counts.numPassedTests ?? 0), failed };
}

function finish(passed: number, failed: number): number {
  say(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.exitCode = main();
