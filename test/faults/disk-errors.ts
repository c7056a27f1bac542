/**
 * F4: the disk answers with errors, injected into the system calls of the real process by strace.
 * EIO on fsync or write: no ack, exit code 70, and after a power cut on top of it the next start
 * has all that was acked. ENOSPC on write: refused, nothing acked, and the same process goes on.
 */
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { createDisk } from './support/power-cut.ts';
import { startTrial, type Trial } from './support/trial.ts';

const EXIT_DISK = 70;
const ROUNDS_MIN_FULL = 15;
const EXITS_WITHIN_MS = 60_000;
const BETWEEN_MS = 300;
/** Calls of the writer thread before the first one fails. */
const FIRST_CALL_MIN = 20;
const CALLS_MAX = { fsync: 200, pwrite64: 1_500 } as const;
/** So many writes in a row find no room. */
const FULL_CALLS = 40;

type Call = keyof typeof CALLS_MAX;

const tracer = (call: Call, inject: string): string[] =>
  ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', `trace=${call}`].concat(
    '-e',
    `inject=${call}:${inject}`,
  );

const firstOf = (call: Call, random: () => number): number =>
  FIRST_CALL_MIN + Math.floor(random() * CALLS_MAX[call]);

export const fault: Fault = {
  id: 'F4',
  title: 'disk errors',
  needs: ['strace', 'gcc'],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const roundsMin = full ? ROUNDS_MIN_FULL : 1;
    for (let round = 0; round < roundsMin || tally.acked() < messages; round++) {
      const trial = await startTrial({ seed: Math.floor(random() * 2 ** 31) });
      const disk = createDisk(trial.dataDir);
      try {
        for (const call of ['fsync', 'pwrite64'] as const) {
          await failing(trial, disk, call, random, tally);
        }
        await noRoom(trial, random, tally);
        tally.add(await trial.judge());
      } finally {
        await trial.end();
        disk.remove();
      }
      say(`round ${round + 1}, ${tally.acked()} acked`);
    }
    return tally.outcome('EIO on fsync and on pwrite64, then a power cut; ENOSPC on pwrite64');
  },
};

/** The n-th call fails for good: the process must end, and what it acked must be on the disk. */
async function failing(
  trial: Trial,
  disk: ReturnType<typeof createDisk>,
  call: Call,
  random: () => number,
  tally: Tally,
): Promise<void> {
  await trial.server().kill9();
  disk.settle();
  const wrapper = tracer(call, `error=EIO:when=${firstOf(call, random)}+`);
  await trial.restart({ wrapper, env: disk.env });
  const server = trial.server();
  const code = await Promise.race([server.exited, later('it is still running')]);
  tally.struck();
  const end = code ?? server.child.signalCode;
  tally.must(`EIO on ${call}: exit code ${EXIT_DISK} (was ${end})`, end === EXIT_DISK);
  await server.kill9();
  disk.cut('lost', random);
  tally.recovered(await trial.restart());
}

/** For some calls there is no room: refused, later stored, by the same process. */
async function noRoom(trial: Trial, random: () => number, tally: Tally): Promise<void> {
  await trial.server().kill9();
  const first = firstOf('pwrite64', random);
  const refusals = (): number => trial.history.retried().get('store_unavailable') ?? 0;
  const before = refusals();
  const when = `${first}..${first + FULL_CALLS}`;
  await trial.restart({ wrapper: tracer('pwrite64', `error=ENOSPC:when=${when}`) });
  const server = trial.server();
  await trial.fleet.until(() => refusals() > before, 'ENOSPC refuses something', EXITS_WITHIN_MS);
  const since = trial.history.acked();
  await trial.fleet.untilAcked(since + 1_000, EXITS_WITHIN_MS);
  tally.struck();
  tally.must('ENOSPC does not end the process', server.child.exitCode === null);
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  await server.kill9();
  tally.recovered(await trial.restart());
}

const later = (what: string): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve(what), EXITS_WITHIN_MS).unref());
