/**
 * The peer SQLite: group commit of the same rows by the same statements in a thread, with nothing
 * around it: no socket, no JSON from outside, no message between threads. As many messages as
 * would be under way share each transaction. Rows are made before the clock runs: what is left
 * is what the database and the disk can do at best.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { ConversationState } from '#core/protocol/apply.ts';
import { databaseFile, migrate, openWriter } from '#core/store/sqlite.ts';
import { durableText } from './load-durable.ts';
import { createExecutor, createMessageRows } from './message-rows.ts';
import { spread } from './percentile.ts';
import { newId } from './person.ts';
import { newDataDir, removeDataDir } from './tresen.ts';

export type SqliteJob = {
  connections: number;
  inFlight: number;
  textLength: number;
  measureMs: number;
};
export type SqliteFigures = { perSecond: number; p50: number; p99: number };

/** Making rows takes time as well; a run ends after so many times its window at the latest. */
const LASTS_AT_MOST = 2;

/** Grows over the rounds of a run, as the database of the server beside it does. */
export function createSqlitePeer() {
  const dataDir = newDataDir();
  const onExit = (): void => removeDataDir(dataDir);
  process.once('exit', onExit);
  const run = (job: SqliteJob): Promise<SqliteFigures> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL(import.meta.url), { workerData: { job, dataDir } });
      thread.once('message', resolve);
      thread.once('error', reject);
    });
  const stop = (): void => {
    process.off('exit', onExit);
    removeDataDir(dataDir);
  };
  return Object.freeze({ run, stop });
}

function measure(job: SqliteJob, dataDir: string): SqliteFigures {
  const file = databaseFile(dataDir);
  migrate(file);
  const db = openWriter(file);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const execute = createExecutor(db);
  const rows = createMessageRows();
  const text = durableText(job.textLength);
  const states: ConversationState[] = [];
  begin.run();
  for (let i = 0; i < job.connections; i++) {
    const unit = rows.taken(newId());
    execute(unit.statements);
    states.push(unit.state);
  }
  commit.run();

  const commits: number[] = [];
  let measuredMs = 0;
  const end = performance.now() + LASTS_AT_MOST * job.measureMs;
  while (measuredMs < job.measureMs && performance.now() < end) {
    const batch = states.flatMap((_state, i) => messagesOf(i));
    const started = performance.now();
    begin.run();
    for (const statements of batch) execute(statements);
    commit.run();
    commits.push(performance.now() - started);
    measuredMs += commits.at(-1) ?? 0;
  }
  db.close();

  function messagesOf(i: number) {
    return Array.from({ length: job.inFlight }, () => {
      const unit = rows.message(states[i] as ConversationState, newId(), text);
      states[i] = unit.state;
      return unit.statements;
    });
  }

  const { p50, p99 } = spread(commits);
  const messages = commits.length * job.connections * job.inFlight;
  return { perSecond: messages / (measuredMs / 1_000), p50, p99 };
}

if (!isMainThread) {
  const { job, dataDir } = workerData as { job: SqliteJob; dataDir: string };
  parentPort?.postMessage(measure(job, dataDir));
}
