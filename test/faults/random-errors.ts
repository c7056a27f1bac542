/**
 * F6: libfiu makes the C library of the running server fail at random: fsync, pwrite, reads, then
 * everything at once. The process may end or live; nothing may be acked that is not stored, and
 * after the next start everybody gets his answer.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

/** Points of failure (a star stands for everything below) and how likely each call fails. */
const TROUBLES = [
  ['posix/io/rw/pwrite*', 0.002],
  ['posix/io/*', 0.002],
  ['posix/io/sync/*', 0.02],
  ['posix/io/rw/pread*', 0.01],
] as const;
const BOUNDED = 2;
const FULL_ROUNDS = 6;
/** Long enough for the unlikely ones; a process that still lives then is killed. */
const STRIKES_FOR_MS = 4_000;
const RUNS_WITHIN_MS = 300_000;
const MESSAGES_PER_ROUND = 5_000;

export const fault: Fault = {
  id: 'F6',
  title: 'random errors',
  needs: ['fiu'],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const ends = new Map<string, number>();
    for (let round = 0; round < (full ? FULL_ROUNDS : 1) || tally.acked() < messages; round++) {
      const trial = await startTrial({ seed: Math.floor(random() * 2 ** 31) });
      try {
        for (const [point, probability] of full ? TROUBLES : TROUBLES.slice(0, BOUNDED)) {
          const end = await strike(trial, point, probability, tally);
          ends.set(end, (ends.get(end) ?? 0) + 1);
        }
        const share = Math.min(messages - tally.acked(), MESSAGES_PER_ROUND);
        await trial.fleet.untilAcked(share, RUNS_WITHIN_MS);
        tally.add(await trial.judge());
      } finally {
        await trial.end();
      }
      say(`round ${round + 1}, ${tally.acked()} acked`);
    }
    return tally.outcome([...ends].map(([end, count]) => `${count} × ${end}`).join(', '));
  },
};

/** @returns how the process ended */
async function strike(
  trial: Trial,
  point: string,
  probability: number,
  tally: Tally,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tresen-fiu-'));
  const control = join(folder, 'control');
  try {
    await trial.server().kill9();
    await trial.restart({ wrapper: ['fiu-run', '-x', '-f', control] });
    const server = trial.server();
    const command = `enable_random name=${point},probability=${probability}`;
    execFileSync('fiu-ctrl', ['-f', control, '-c', command, String(server.pid())]);
    tally.struck();
    const lives = new Promise((resolve) => setTimeout(() => resolve('it lived'), STRIKES_FOR_MS));
    const code = await Promise.race([server.exited, lives]);
    await server.kill9();
    tally.recovered(await trial.restart());
    if (code === 'it lived') return code;
    return code === null ? `ended by ${server.child.signalCode}` : `exit code ${code}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
