/**
 * The one door to piscina (rule I8): one thread for understanding with a bounded queue, and a
 * thread that is made for each training and ends with it. The main thread only waits.
 * Knows tasks by name and shape; nothing of what they compute.
 */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { INFERENCE_QUEUE_MAX } from '#core/platform/limits.ts';
import type {
  EncodeInput,
  TrainInput,
  TrainOutput,
  TrainProgress,
  UnderstandInput,
  UnderstandOutput,
  UnderstandSetup,
} from './tasks.ts';

const fileOf = (task: string): string => new URL(`./${task}.ts`, import.meta.url).href;

/**
 * One inference thread with its model loaded.
 * @returns once the first, empty utterance went through. @throws when the model cannot be loaded.
 */
export async function createUnderstandPool(setup: UnderstandSetup) {
  const pool = new Piscina({
    filename: fileOf('understand'),
    minThreads: 1,
    maxThreads: 1,
    maxQueue: INFERENCE_QUEUE_MAX,
    workerData: setup,
  });
  const understand = (input: UnderstandInput): Promise<UnderstandOutput> => pool.run(input);
  try {
    await understand({ text: '' });
    await understand({ text: 'warm-up' });
  } catch (error) {
    await pool.destroy();
    throw error;
  }
  return Object.freeze({ understand, close: () => pool.close({ force: false }) });
}

export type UnderstandPool = Awaited<ReturnType<typeof createUnderstandPool>>;

/** Encodes in a thread of its own. @throws what the task threw. */
export async function encodeInThread(input: EncodeInput): Promise<Float32Array> {
  const pool = new Piscina({ filename: fileOf('encode'), minThreads: 1, maxThreads: 1 });
  try {
    return await pool.run(input);
  } finally {
    await pool.destroy();
  }
}

/** Trains in a thread of its own. @throws what the task threw, or soon after `signal` aborts. */
export async function trainInThread(
  input: Omit<TrainInput, 'stop'>,
  signal: AbortSignal,
  onProgress: (progress: TrainProgress) => void = () => undefined,
): Promise<TrainOutput> {
  const pool = new Piscina({ filename: fileOf('train'), minThreads: 1, maxThreads: 1 });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', onProgress);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = (): void => void Atomics.store(stop, 0, 1);
  signal.addEventListener('abort', onAbort);
  try {
    return await pool.run({ ...input, stop, port: port2 }, { transferList: [port2] });
  } finally {
    port1.close();
    signal.removeEventListener('abort', onAbort);
    await pool.destroy();
  }
}
