/**
 * The load generator's process: does one job from its parent, reports, ends. A process of its own,
 * so that its work never runs on the event loop that is being measured.
 */
import type { FromGenerator, Job, LoadResult, WindowMarks } from './jobs.ts';
import { loadAnswer } from './load-answer.ts';
import { loadDurable } from './load-durable.ts';
import { loadEcho } from './load-echo.ts';
import { loadIdle } from './load-idle.ts';
import { loadOverload } from './load-overload.ts';
import { loadRedis } from './load-redis.ts';
import { loadSocketIo } from './load-socket-io.ts';
import { loadStorm } from './load-storm.ts';
import { ownCpuSeconds } from './machine.ts';

function run(job: Job, marks: WindowMarks): Promise<LoadResult> {
  switch (job.load) {
    case 'tcp':
    case 'echo':
      return loadEcho(job, marks);
    case 'durable':
      return loadDurable(job, marks);
    case 'answer':
      return loadAnswer(job, marks);
    case 'redis':
      return loadRedis(job, marks);
    case 'socket.io':
      return loadSocketIo(job, marks);
    case 'idle':
      return loadIdle(job, marks);
    case 'storm':
      return loadStorm(job, marks);
    case 'overload':
      return loadOverload(job, marks);
  }
}

const tell = (message: FromGenerator): void => void process.send?.(message);

async function work(job: Job): Promise<void> {
  let before = { at: 0, cpu: 0 };
  let after = before;
  const mark = () => ({ at: performance.now(), cpu: ownCpuSeconds() });
  const result = await run(job, {
    start: () => {
      before = mark();
      tell({ type: 'measuring' });
    },
    end: () => {
      after = mark();
      tell({ type: 'measured' });
    },
  });
  const seconds = (after.at - before.at) / 1_000;
  const cpuShare = (after.cpu - before.cpu) / seconds;
  tell({ type: 'result', result: { ...result, seconds, cpuShare } });
}

function fail(error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.send?.({ type: 'failed', message } satisfies FromGenerator, () => process.exit(1));
}

process.on('uncaughtException', fail);
process.once('message', (job: Job) => {
  work(job).then(() => process.disconnect(), fail);
});
