/**
 * F2: the power fails at seeded random moments under load. The server writes through a shim that
 * knows what was fsynced; the folder is put back to that, half of the times with torn sectors, and
 * the next server starts on it. Also shows that the shim sees the losses of a weaker setting.
 */
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault } from './support/fault.ts';
import { createDisk } from './support/power-cut.ts';
import { startTrial } from './support/trial.ts';
import { cutRowWriter } from './support/yardstick.ts';

const MESSAGES_PER_FOLDER = 60_000;
const CUTS_MIN = 4;
const CUTS_MIN_FULL = 60;
const YARDSTICK_CUTS = 1;
const YARDSTICK_CUTS_FULL = 5;
const RUNS_WITHIN_MS = 300_000;
/** After the last ack that was waited for: the cut falls anywhere into a commit. */
const MOMENT_MAX_MS = 50;

export const fault: Fault = {
  id: 'F2',
  title: 'power cut',
  needs: ['gcc'],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const cutsMin = full ? CUTS_MIN_FULL : CUTS_MIN;
    let cuts = 0;
    let forgotten = 0;
    // A cut between two commits takes nothing: go on until one has struck where it hurts.
    const isEnough = (): boolean =>
      tally.acked() >= messages && cuts >= cutsMin && (forgotten > 0 || cuts >= 2 * cutsMin);
    while (tally.isClean() && !isEnough()) {
      const left = messages - tally.acked();
      const rest = cutsMin - cuts;
      const share = messages / cutsMin;
      const folder = await cutFolder({ random, left, rest, share, onRecovery: tally.recovered });
      cuts += folder.cuts;
      forgotten += folder.forgotten;
      for (let i = 0; i < folder.cuts; i++) tally.struck();
      tally.add(folder.verdict);
      say(`${cuts} power cuts, ${tally.acked()} acked, ${forgotten} bytes forgotten`);
    }
    tally.must('the cuts took something that was not fsynced', forgotten > 0);
    const { normal, whole } = await yardstick(full ? YARDSTICK_CUTS_FULL : YARDSTICK_CUTS, random);
    tally.must('the shim shows the losses of synchronous=NORMAL', normal.lost > 0);
    tally.must('the shim shows none with synchronous=FULL', whole.lost === 0);
    return tally.outcome(
      `${Math.round(forgotten / 1024)} KiB were not on the disk; plain SQLite beside it: FULL lost ` +
        `${whole.lost} of ${whole.acked}, NORMAL ${normal.lost} of ${normal.acked}`,
    );
  },
};

/** Several cuts on one folder, then the verdict. */
async function cutFolder(options: {
  random: () => number;
  left: number;
  rest: number;
  /** Messages between two cuts, on average. */
  share: number;
  onRecovery: (ms: number) => void;
}) {
  const { random } = options;
  const trial = await startTrial({ seed: Math.floor(random() * 2 ** 31) });
  let disk: ReturnType<typeof createDisk> | undefined;
  let cuts = 0;
  let forgotten = 0;
  try {
    // What the first start left in the folder counts as being on the disk.
    await trial.server().kill9();
    disk = createDisk(trial.dataDir);
    const env = disk.env;
    options.onRecovery(await trial.restart({ env }));
    const enough = Math.min(options.left, MESSAGES_PER_FOLDER);
    const isEnough = (): boolean =>
      trial.history.acked() >= enough &&
      (cuts >= options.rest || trial.history.acked() >= MESSAGES_PER_FOLDER);
    while (!isEnough() || cuts === 0) {
      const more = Math.floor(random() * 2 * options.share);
      await trial.fleet.untilAcked(trial.history.acked() + more, RUNS_WITHIN_MS);
      await new Promise((resolve) => setTimeout(resolve, random() * MOMENT_MAX_MS));
      await trial.server().kill9();
      forgotten += disk.cut(cuts % 2 === 0 ? 'lost' : 'torn', random);
      cuts++;
      const ms = await trial.restart({ env });
      options.onRecovery(ms);
      if (ms === Number.POSITIVE_INFINITY) break;
    }
    return { cuts, forgotten, verdict: await trial.judge() };
  } finally {
    await trial.end();
    disk?.remove();
  }
}

async function yardstick(times: number, chance: () => number) {
  const normal = { acked: 0, lost: 0 };
  const whole = { acked: 0, lost: 0 };
  for (let i = 0; i < times; i++) {
    const weak = await cutRowWriter('NORMAL', 'lost', chance);
    normal.acked += weak.acked;
    normal.lost += weak.lost;
    const strong = await cutRowWriter('FULL', 'lost', chance);
    whole.acked += strong.acked;
    whole.lost += strong.lost;
  }
  return { normal, whole };
}
