/**
 * F5: the data folder is a small file system that fills up while everybody writes. What finds no
 * room is refused as `store_unavailable`, health says so, people see their words as not yet stored;
 * when there is room again all of it gets through, in the same process.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

const SIZE = '256m';
const BLOCK = Buffer.alloc(64 * 1024, 1);
const FULL_ROUNDS = 10;
const RUNS_MS = 1_000;
const STAYS_FULL_MS = 1_500;
const FILLS_WITHIN_MS = 120_000;
const MESSAGES_PER_ROUND = 10_000;
/** Messages; a full file system may still hold a few in what it has already, not a load. */
const GOES_ON = 500;

export const fault: Fault = {
  id: 'F5',
  title: 'disk full',
  needs: ['tmpfs'],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const roundsMin = full ? FULL_ROUNDS : 1;
    let refusals = 0;
    for (let round = 0; round < roundsMin || tally.acked() < messages; round++) {
      const dataDir = mkdtempSync(join(tmpdir(), 'tresen-small-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'none', dataDir]);
      let trial: Trial | undefined;
      try {
        trial = await startTrial({ seed: Math.floor(random() * 2 ** 31), dataDir });
        await fillUp(trial, tally, Math.min(messages - tally.acked(), MESSAGES_PER_ROUND));
        refusals += trial.history.retried().get('store_unavailable') ?? 0;
        tally.add(await trial.judge());
      } finally {
        await trial?.end();
        execFileSync('umount', [dataDir]);
        rmSync(dataDir, { recursive: true, force: true });
      }
      say(`round ${round + 1}, ${tally.acked()} acked`);
    }
    return tally.outcome(`${refusals} commands refused as store_unavailable and stored later`);
  },
};

async function fillUp(trial: Trial, tally: Tally, messages: number): Promise<void> {
  const { fleet, history } = trial;
  const server = trial.server();
  const isAlive = (): boolean => (server.child.exitCode ?? server.child.signalCode) === null;
  const refusals = (): number => history.retried().get('store_unavailable') ?? 0;
  await pause(RUNS_MS);
  const filler = createFiller(join(trial.dataDir, 'filler'));
  // The WAL lies there already and is used again: it takes a while until room is needed.
  const isRefused = (): boolean => {
    filler.fill();
    return refusals() > 0 || !isAlive();
  };
  await fleet.until(isRefused, 'store_unavailable', FILLS_WITHIN_MS);
  tally.struck();
  tally.must('the process lives on a full disk', isAlive());
  tally.must('health says that the store fails', (await storeHealth(trial)) === 'failing');
  const acked = history.acked();
  await pause(STAYS_FULL_MS);
  filler.fill();
  const meanwhile = history.acked() - acked;
  tally.must(`a full disk takes no load (${meanwhile} acked)`, meanwhile < GOES_ON);
  filler.remove();
  const freed = performance.now();
  const next = history.nextAck();
  tally.recovered((await next) - freed);
  await fleet.untilAcked(Math.max(history.acked() + GOES_ON, messages), FILLS_WITHIN_MS);
  tally.must('health says ok again', (await storeHealth(trial)) === 'ok');
  tally.must('no restart was needed', trial.server() === server && isAlive());
}

/** Takes all the room that is left, down to the last block. */
function createFiller(path: string) {
  const fd = openSync(path, 'w');
  return {
    fill(): void {
      try {
        for (;;) writeSync(fd, BLOCK);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    },
    remove(): void {
      closeSync(fd);
      rmSync(path);
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function storeHealth(trial: Trial): Promise<string> {
  const response = await fetch(`${trial.server().url}/api/health`);
  return ((await response.json()) as { store: string }).store;
}
