/**
 * The writer thread: everything that has arrived goes into one transaction, one fsync, then all
 * answers. While an fsync runs new writes pile up, so batches grow with the load by themselves and
 * a single write is never delayed (group commit without a timer).
 * Relies on: being the only writer. On a failing disk it stops answering and says so.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openWriter } from './sqlite.ts';
import type { Answer, Statement, Write, WriterMessage } from './writer.ts';

const port = parentPort;
if (port === null) throw new Error('sqlite-writer.ts runs as a worker thread only');

const db: DatabaseSync = openWriter((workerData as { file: string }).file);
const statements = new Map<string, StatementSync>();
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

port.on('message', (first: Write[]) => {
  const writes = [...first];
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
    writes.push(...(more.message as Write[]));
  }
  const started = performance.now();
  try {
    const answers = transaction(writes);
    post({ answers, ms: performance.now() - started });
  } catch (error) {
    oneByOne(writes, error);
  }
});

function transaction(writes: readonly Write[]): Answer[] {
  begin.run();
  try {
    const answers = writes.map((write) => ({ id: write.id, result: run(write) }));
    commit.run();
    return answers;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** One write of the batch is poison: find it, so that the others are not refused with it. */
function oneByOne(writes: readonly Write[], cause: unknown): void {
  if (isDiskTrouble(cause)) {
    giveUp(cause);
    return;
  }
  for (const write of writes) {
    const started = performance.now();
    try {
      const answers = transaction([write]);
      post({ answers, ms: performance.now() - started });
    } catch (error) {
      if (isDiskTrouble(error)) {
        giveUp(error);
        return;
      }
      post({ answers: [{ id: write.id, result: 'failed' }], ms: performance.now() - started });
    }
  }
}

/** A write is all or nothing: the first statement that changes no row undoes the ones before. */
function run(write: Write): 'done' | 'conflict' {
  // A commit checks with its first statement, when there is nothing to undo yet: no savepoint.
  const mayUndo = write.statements.some((statement, i) => i > 0 && statement.mustChange);
  if (mayUndo) db.exec('SAVEPOINT w');
  for (const statement of write.statements) {
    if (execute(statement) === 0 && statement.mustChange) {
      if (mayUndo) db.exec('ROLLBACK TO w; RELEASE w');
      return 'conflict';
    }
  }
  if (mayUndo) db.exec('RELEASE w');
  return 'done';
}

function execute({ sql, values }: Statement): number {
  const prepared = statements.get(sql) ?? db.prepare(sql);
  statements.set(sql, prepared);
  return Number(prepared.run(...values).changes);
}

/**
 * IOERR 10, CORRUPT 11, READONLY 8, CANTOPEN 14, NOTADB 26 (primary codes). Not FULL 13: that is
 * rolled back cleanly, refused, and works again when there is room (G8).
 */
const DISK_TROUBLE = new Set([8, 10, 11, 14, 26]);

function isDiskTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  return DISK_TROUBLE.has(code & 0xff);
}

/** After a failed fsync the page cache cannot be trusted: no retry, no further answer. */
function giveUp(error: unknown): void {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  post({ fatal: code });
  port?.removeAllListeners('message');
}

function post(message: WriterMessage): void {
  port?.postMessage(message);
}
