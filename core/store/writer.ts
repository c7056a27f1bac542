/**
 * The main thread's end of the writer: hand in a write, get a promise that resolves after the
 * fsync. What arrives while the thread is at work gathers here and travels as the next batch: a
 * single write is never delayed, and batches grow with the load (group commit without a timer).
 * Bounded; a dead writer ends the process.
 */
import { Worker } from 'node:worker_threads';
import { COMMIT_WRITES_MAX, COMMITS_WAITING_MAX } from '#core/platform/limits.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import { createBatchEncoder, type Statement, type Write } from './batch.ts';
import type { Fatal, Settled, WriteResult } from './sqlite-transactions.ts';

export type { Statement } from './batch.ts';
export type { WriteResult } from './sqlite-transactions.ts';

/** Nothing was stored, and it is worth trying again later. */
export class StoreBusy extends Error {}

export type Writer = {
  /**
   * Writes are carried out in the order in which they are handed in.
   * @throws StoreBusy when too many writes wait already
   */
  write(statements: readonly Statement[]): Promise<WriteResult>;
  /** Waits for what was handed in, then ends. */
  close(): Promise<void>;
  /** Writes that were handed in and have no answer yet. */
  waiting(): number;
  /** Did the newest transaction fail, e.g. because the disk is full? */
  isFailing(): boolean;
};

export type WriterOptions = {
  file: string;
  metrics: Metrics;
  /**
   * Told once when the disk failed (SQLite result code) or the thread died (0); from then on
   * nothing is answered: the process must end and start again.
   */
  onFatal: (code: number) => void;
};

export function createWriter({ file, metrics, onFatal }: WriterOptions): Writer {
  const thread = new Worker(new URL('./sqlite-writer.ts', import.meta.url), {
    workerData: { file },
  });
  const encode = createBatchEncoder();
  const waiting = new Map<number, (result: WriteResult) => void>();
  const unsent: Write[] = [];
  /** Writes that the thread works on; while it does, the next batch gathers here. */
  let underway = 0;
  let nextId = 1;
  let closing = false;
  let isFailing = false;
  let isDead = false;

  function die(code: number): void {
    if (isDead || closing) return;
    isDead = true;
    onFatal(code);
  }

  thread.on('message', (outcome: Settled | Fatal) => {
    if ('fatal' in outcome) return die(outcome.fatal);
    metrics.commits.inc();
    metrics.commitSize.observe(outcome.done.length + outcome.not.length);
    metrics.commitSeconds.observe(outcome.ms / 1_000);
    isFailing = outcome.not.some(({ result }) => result === 'failed');
    underway -= outcome.done.length + outcome.not.length;
    if (underway === 0 && unsent.length > 0) flush();
    for (const id of outcome.done) settle(id, 'done');
    for (const { id, result } of outcome.not) settle(id, result);
  });
  thread.on('error', () => die(0));
  thread.on('exit', () => die(0));

  function settle(id: number, result: WriteResult): void {
    waiting.get(id)?.(result);
    waiting.delete(id);
  }

  function flush(): void {
    if (underway > 0 || unsent.length === 0) return;
    const writes = unsent.splice(0, COMMIT_WRITES_MAX);
    underway = writes.length;
    thread.postMessage(encode(writes));
  }

  function write(statements: readonly Statement[]): Promise<WriteResult> {
    if (waiting.size >= COMMITS_WAITING_MAX) {
      return Promise.reject(new StoreBusy('too many writes are waiting'));
    }
    return handIn(statements);
  }

  function handIn(statements: readonly Statement[]): Promise<WriteResult> {
    const id = nextId++;
    unsent.push({ id, statements });
    if (underway === 0 && unsent.length === 1) setImmediate(flush);
    return new Promise((resolve) => waiting.set(id, resolve));
  }

  async function close(): Promise<void> {
    await handIn([]);
    closing = true;
    await thread.terminate();
  }

  return Object.freeze({
    write,
    close,
    waiting: () => waiting.size,
    isFailing: () => isFailing,
  });
}
