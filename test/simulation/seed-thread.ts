/** A thread that runs the seeds it is handed, one message each, and reports every outcome. */
import { parentPort } from 'node:worker_threads';
import { PLANTS, type PlantName } from './plants.ts';
import { openSeeds } from './run-seed.ts';

export type Task = { seed: number; steps: number; plant?: PlantName | undefined };

const port = parentPort;
if (port === null) throw new Error('seed-thread.ts runs as a worker thread only');
const seeds = await openSeeds();

port.on('message', async (task: Task | 'end') => {
  if (task === 'end') {
    seeds.close();
    port.close();
    return;
  }
  const plant = task.plant === undefined ? {} : PLANTS[task.plant];
  port.postMessage(await seeds.run(task.seed, { steps: task.steps, plant }));
});
port.postMessage('ready');
