/** Many seeds over several threads, each thread one seed at a time; sums up what came out. */
import { Worker } from 'node:worker_threads';
import type { PlantName } from './plants.ts';
import type { Task } from './seed-thread.ts';
import type { Outcome } from './world.ts';

export type Summary = {
  seeds: number;
  happened: number;
  events: number;
  acks: number;
  simulatedMs: number;
  counts: Record<string, number>;
  /** Worlds in which something was found, by seed. */
  found: Outcome[];
};

/**
 * @param stopAtFirst hands out no further seed once something was found
 * @throws Error when a thread dies
 */
export async function runManySeeds(options: {
  from: number;
  count: number;
  steps: number;
  threads: number;
  plant?: PlantName | undefined;
  stopAtFirst?: boolean;
  onOutcome?: (summary: Summary) => void;
}): Promise<Summary> {
  const { from, count, steps, plant } = options;
  const summary: Summary = {
    seeds: 0,
    happened: 0,
    events: 0,
    acks: 0,
    simulatedMs: 0,
    counts: {},
    found: [],
  };
  let next = from;

  const task = (): Task | 'end' => {
    const isOver = next >= from + count || (options.stopAtFirst && summary.found.length > 0);
    return isOver ? 'end' : { seed: next++, steps, plant };
  };

  const runThread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('./seed-thread.ts', import.meta.url));
      thread.on('message', (message: Outcome | 'ready') => {
        if (message !== 'ready') {
          add(summary, message);
          options.onOutcome?.(summary);
        }
        thread.postMessage(task());
      });
      thread.once('error', reject);
      thread.once('exit', () => resolve());
    });

  await Promise.all(Array.from({ length: Math.min(options.threads, count) }, runThread));
  summary.found.sort((a, b) => a.seed - b.seed);
  return summary;
}

function add(summary: Summary, outcome: Outcome): void {
  summary.seeds++;
  summary.happened += outcome.happened;
  summary.events += outcome.events;
  summary.acks += outcome.acks;
  summary.simulatedMs += outcome.simulatedMs;
  for (const [what, times] of Object.entries(outcome.counts)) {
    summary.counts[what] = (summary.counts[what] ?? 0) + times;
  }
  if (outcome.finding) summary.found.push(outcome);
}
