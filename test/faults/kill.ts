/**
 * F1: kill -9 at seeded random moments while everybody writes, again and again on one folder.
 * Some contacts load their page again while the server is away.
 */

import { spread } from '../../bench/support/percentile.ts';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault } from './support/fault.ts';
import { startTrial } from './support/trial.ts';

/** A folder that has grown past this gives way to a fresh one, so that reading it stays quick. */
const MESSAGES_PER_FOLDER = 60_000;
const KILLS_MIN = 8;
const KILLS_MIN_FULL = 500;
const RUNS_WITHIN_MS = 300_000;
/** After the last ack that was waited for: the kill falls anywhere into a commit. */
const MOMENT_MAX_MS = 50;
/** G7, in the middle; a machine that does other things as well takes longer now and then. */
const RESTART_P50_MAX_MS = 5_000;
const RESTART_MAX_MS = 60_000;
const RELOADS = 3;

export const fault: Fault = {
  id: 'F1',
  title: 'kill -9',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const kills = full ? KILLS_MIN_FULL : KILLS_MIN;
    const restarts: number[] = [];
    while (tally.isClean() && (tally.acked() < messages || restarts.length < kills)) {
      const trial = await startTrial({ seed: Math.floor(random() * 2 ** 31) });
      try {
        const wanted = Math.min(messages - tally.acked(), MESSAGES_PER_FOLDER);
        while (
          trial.history.acked() < wanted ||
          (restarts.length < kills && trial.history.acked() < MESSAGES_PER_FOLDER)
        ) {
          // Between nothing at all and twice the share, so that the kills are used up on the way.
          const more = Math.floor(random() * 2 * (messages / kills));
          await trial.fleet.untilAcked(trial.history.acked() + more, RUNS_WITHIN_MS);
          await new Promise((resolve) => setTimeout(resolve, random() * MOMENT_MAX_MS));
          await trial.server().kill9();
          tally.struck();
          trial.fleet.reload(RELOADS);
          const ms = await trial.restart();
          tally.recovered(ms);
          restarts.push(ms);
          if (ms === Number.POSITIVE_INFINITY) break;
        }
        tally.add(await trial.judge());
      } finally {
        await trial.end();
      }
      say(`${restarts.length} kills, ${tally.acked()} acked`);
    }
    const { p50, max } = spread(restarts);
    tally.must(`half of the first acks within ${RESTART_P50_MAX_MS} ms`, p50 <= RESTART_P50_MAX_MS);
    tally.must(`every first ack within ${RESTART_MAX_MS} ms`, max <= RESTART_MAX_MS);
    return tally.outcome('at random moments under load');
  },
};
