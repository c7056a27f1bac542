/**
 * F24: a second Tresen is started on the folder of a busy one. It refuses with one sentence and
 * exit code 2, the first goes on undisturbed; once the first is dead, the folder is free at once.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXIT_MISTAKE = 2;
const SECONDS_MIN = 3;
const SECONDS_MIN_FULL = 25;
const GOES_ON = 200;
const GOES_ON_WITHIN_MS = 30_000;
const MESSAGES_PER_FOLDER = 100_000;
const REFUSAL = /^Tresen cannot start: Another Tresen already works on \S+\. .+\n$/;

export const fault: Fault = {
  id: 'F24',
  title: 'two instances',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    let seconds = full ? SECONDS_MIN_FULL : SECONDS_MIN;
    while (tally.acked() < messages || seconds > 0) {
      const trial = await startTrial({ seed: Math.floor(random() * 2 ** 31) });
      try {
        const enough = Math.min(messages - tally.acked(), MESSAGES_PER_FOLDER);
        for (; seconds > 0; seconds--) await second(trial, tally);
        await trial.fleet.untilAcked(enough, 60_000 + enough * 10);
        await trial.server().kill9();
        tally.recovered(await trial.restart());
        tally.add(await trial.judge());
      } finally {
        await trial.end();
      }
      say(`${tally.acked()} acked`);
    }
    return tally.outcome('the second one refuses in one sentence; the first one goes on');
  },
};

async function second(trial: Trial, tally: Tally): Promise<void> {
  const child = spawn(process.execPath, ['core/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      TRESEN_DATA_DIR: trial.dataDir,
      TRESEN_PORT: '0',
      TRESEN_SOCKET: 'ws',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  tally.struck();
  tally.must(`exit code ${EXIT_MISTAKE} (was ${code})`, code === EXIT_MISTAKE);
  tally.must(`one clear sentence: ${errors.trim()}`, REFUSAL.test(errors) && printed === '');
  const { fleet, history } = trial;
  await fleet.untilAcked(history.acked() + GOES_ON, GOES_ON_WITHIN_MS);
  const { exitCode, signalCode } = trial.server().child;
  tally.must('the first one goes on', (exitCode ?? signalCode) === null);
}
