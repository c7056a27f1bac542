/**
 * The main thread's end of the writer: hand in a write, get a promise that resolves after the
 * fsync. Writes of one loop turn travel in one message. Bounded; a dead writer ends the process.
 */
import { Worker } from 'node:worker_threads';
import { COMMITS_WAITING_MAX } from '#core/platform/limits.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import type { Value } from './sqlite.ts';

/** `mustChange`: when it changes no row, the whole write is undone and answers 'conflict'. */
export type Statement = { sql: string; values: Value[]; mustChange?: boolean };
export type Write = { id: number; statements: Statement[] };
export type WriteResult = 'done' | 'conflict' | 'failed';
export type Answer = { id: number; result: WriteResult };
export type WriterMessage = { answers: Answer[]; ms: number } | { fatal: number };

/** Nothing was stored, and it is worth trying again later. */
export class StoreBusy extends Error {}

export type Writer = ReturnType<typeof createWriter>;

/**
 * @param onFatal told once when the disk failed (SQLite result code) or the thread died (0);
 *   from then on nothing is answered: the process must end and start again
 */
export function createWriter(options: {
  file: string;
  metrics: Metrics;
  onFatal: (code: number) => void;
}) {
  const { metrics } = options;
  const thread = new Worker(new URL('./sqlite-writer.ts', import.meta.url), {
    workerData: { file: options.file },
  });
  const waiting = new Map<number, (result: WriteResult) => void>();
  let unsent: Write[] = [];
  let nextId = 1;
  let closing = false;
  let isFailing = false;

  thread.on('message', (message: WriterMessage) => {
    if ('fatal' in message) return options.onFatal(message.fatal);
    metrics.commits.inc();
    metrics.commitSize.observe(message.answers.length);
    metrics.commitSeconds.observe(message.ms / 1_000);
    isFailing = message.answers.some(({ result }) => result === 'failed');
    for (const { id, result } of message.answers) {
      waiting.get(id)?.(result);
      waiting.delete(id);
    }
  });
  thread.on('error', () => options.onFatal(0));
  thread.on('exit', () => {
    if (!closing) options.onFatal(0);
  });

  function flush(): void {
    const writes = unsent;
    unsent = [];
    thread.postMessage(writes);
  }

  /** @throws StoreBusy when too many writes wait already */
  function write(statements: Statement[]): Promise<WriteResult> {
    if (waiting.size >= COMMITS_WAITING_MAX) {
      return Promise.reject(new StoreBusy('too many writes are waiting'));
    }
    const id = nextId++;
    unsent.push({ id, statements });
    if (unsent.length === 1) setImmediate(flush);
    return new Promise((resolve) => waiting.set(id, resolve));
  }

  /** Waits for what was handed in, then ends the thread. */
  async function close(): Promise<void> {
    await write([]);
    closing = true;
    await thread.terminate();
  }

  return Object.freeze({
    write,
    close,
    /** Did the newest transaction fail, e.g. because the disk is full? */
    isFailing: () => isFailing,
  });
}
