/**
 * The writer thread: what has arrived goes into one transaction, one fsync, then all answers.
 * While an fsync runs new writes pile up, so batches grow with the load by themselves and a single
 * write is never delayed (group commit without a timer).
 * Relies on: being the only writer. On a failing disk it stops answering and says so.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Batch } from './batch.ts';
import { openWriter } from './sqlite.ts';
import { createTransactions } from './sqlite-transactions.ts';

const port = parentPort;
if (port === null) throw new Error('sqlite-writer.ts runs as a worker thread only');

const db = openWriter((workerData as { file: string }).file);
const transactions = createTransactions(db, () => performance.now());

port.on('message', (first: Batch) => {
  const batches = [first];
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
    batches.push(more.message as Batch);
  }
  for (const outcome of transactions.run(batches)) {
    port.postMessage(outcome);
    if ('fatal' in outcome) port.removeAllListeners('message');
  }
});
