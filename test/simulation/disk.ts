/**
 * The data folder of a simulated server and the writer on it: real SQLite with the production
 * settings in memory-backed files, the production group commit, simulated time and trouble. What a
 * crash takes with it is what the writer had not committed yet.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { threadId } from 'node:worker_threads';
import { createMetrics } from '#core/platform/metrics.ts';
import { createBatchEncoder, type Statement, type Write } from '#core/store/batch.ts';
import { databaseFile, openWriter } from '#core/store/sqlite.ts';
import { createTransactions, type WriteResult } from '#core/store/sqlite-transactions.ts';
import { openStore } from '#core/store/store.ts';
import { StoreBusy, type Writer, type WriterOptions } from '#core/store/writer.ts';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/** What the disk does in this world; changed by the world while it runs. */
export type DiskMood = {
  /** Mean time from handing in to the commit, and from the commit to its answer. */
  commitMs: number;
  /** No room: writes that need a new page fail, as on a full disk. */
  isFull: boolean;
  /** Share of writes refused as too many. */
  busy: number;
  /** The next commit fails as an fsync does that cannot be trusted. */
  failsNext: 'no' | 'stored' | 'lost';
};

/** What a known bug changes on the way to the disk (`plants.ts`). */
export type WriterPlant = {
  schema?: (db: DatabaseSync) => void;
  statements?: (statements: readonly Statement[]) => readonly Statement[];
  answersEarly?: boolean;
};

export type SimulatedWriter = Writer & {
  /** Everything at once and no waiting, while the store opens. */
  isOpening: boolean;
  /** The process ends here: what is under way is committed or lost, nothing is answered. */
  die(fate: 'stored' | 'lost'): void;
};

const IOERR_FSYNC = 1_034;
const PAGES_MAX = 1_073_741_823;
/** Room that is left on a full disk, so that it fills up under our hands. */
const PAGES_LEFT = 1;
const EIO = 10;
/** Shared: its figures belong to no world. */
export const metrics = createMetrics();

export function createSimulatedWriter(
  { file, onFatal }: WriterOptions,
  deps: {
    timeline: Timeline;
    chance: Chance;
    mood: DiskMood;
    plant: WriterPlant;
    onCommit: () => void;
    trace: (what: string) => void;
  },
): SimulatedWriter {
  const { timeline, chance, mood, plant } = deps;
  const db = openWriter(file);
  plant.schema?.(db);
  const transactions = createTransactions(db, timeline.elapsed);
  let encode = createBatchEncoder();
  const waiting = new Map<number, (result: WriteResult) => void>();
  let unsent: Write[] = [];
  let underway: Write[] = [];
  let nextId = 1;
  let isFailing = false;
  let isAlive = true;
  let isFull = false;

  function write(statements: readonly Statement[]): Promise<WriteResult> {
    if (!writer.isOpening && chance.happens(mood.busy)) {
      return Promise.reject(new StoreBusy('simulated'));
    }
    const id = nextId++;
    unsent.push({ id, statements: plant.statements?.(statements) ?? statements });
    if (plant.answersEarly && statements.length > 0) return begin(Promise.resolve('done'));
    return begin(new Promise((resolve) => waiting.set(id, resolve)));
  }

  function begin(result: Promise<WriteResult>): Promise<WriteResult> {
    if (writer.isOpening) finish(commit());
    else if (underway.length === 0 && unsent.length > 0) next();
    return result;
  }

  /** One transaction at a time: what comes meanwhile goes into the next (group commit). */
  function next(): void {
    underway = unsent;
    unsent = [];
    timeline.after(chance.wait(mood.commitMs), 'commit', () => {
      if (!isAlive) return;
      if (mood.failsNext !== 'no') return fail(mood.failsNext);
      const outcomes = commit();
      timeline.after(chance.wait(mood.commitMs), 'committed', () => {
        if (!isAlive) return;
        finish(outcomes);
        if (unsent.length > 0) next();
      });
    });
  }

  function commit(): ReturnType<typeof transactions.run> {
    setFull();
    const writes = underway.length > 0 ? underway : unsent;
    if (writes === unsent) unsent = [];
    underway = writes;
    const outcomes = transactions.run([encode(writes)]);
    deps.trace(`commit of ${writes.length}: ${JSON.stringify(outcomes)}`);
    deps.onCommit();
    return outcomes;
  }

  function finish(outcomes: ReturnType<typeof commit>): void {
    underway = [];
    for (const outcome of outcomes) {
      if ('fatal' in outcome) return onFatal(outcome.fatal);
      isFailing = outcome.not.some(({ result }) => result === 'failed');
      for (const id of outcome.done) settle(id, 'done');
      for (const { id, result } of outcome.not) settle(id, result);
    }
  }

  function settle(id: number, result: WriteResult): void {
    waiting.get(id)?.(result);
    waiting.delete(id);
  }

  /** The fsync failed: nobody knows what the disk holds, and nothing is answered any more. */
  function fail(fate: 'stored' | 'lost'): void {
    mood.failsNext = 'no';
    die(fate);
    onFatal(fate === 'stored' ? IOERR_FSYNC : EIO);
  }

  /** Real: SQLite itself says FULL, because it may not make the file larger. */
  function setFull(): void {
    if (isFull === mood.isFull) return;
    isFull = mood.isFull;
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count=${isFull ? pages + PAGES_LEFT : PAGES_MAX}`);
  }

  function die(fate: 'stored' | 'lost'): void {
    if (!isAlive) return;
    isAlive = false;
    if (fate === 'stored' && underway.length + unsent.length > 0) commit();
    db.close();
  }

  const writer: SimulatedWriter = {
    isOpening: true,
    write,
    waiting: () => 0,
    isFailing: () => isFailing,
    /** Waits for what was handed in, as the real one does. */
    close: async () => {
      if (!isAlive) return;
      if (underway.length + unsent.length > 0) finish(commit());
      if (unsent.length > 0) finish(commit());
      // Ending a thread takes a turn or two: what follows from the answers still happens.
      await new Promise((resolve) => setImmediate(resolve));
      isAlive = false;
      db.close();
    },
    die,
  };
  encode = createBatchEncoder();
  return writer;
}

const memoryBacked = '/dev/shm';

/** A folder in memory, where fsync costs nothing; `remove` takes it away. */
export function createFolder() {
  const base = existsSync(memoryBacked) ? memoryBacked : tmpdir();
  const path = join(base, `tresen-simulation-${process.pid}-${threadId}-${++folders}`);
  mkdirSync(path, { recursive: true });
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
let folders = 0;

/** Puts `from` (a database file) where a server expects its own; what lay there is gone. */
export function placeDatabase(from: string, dataDir: string): void {
  const file = databaseFile(dataDir);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  copyFileSync(from, file);
}

/** A consistent copy while the server runs. */
export function copyDatabase(dataDir: string, to: string): void {
  rmSync(to, { force: true });
  const db = new DatabaseSync(databaseFile(dataDir), { readOnly: true });
  db.prepare('VACUUM INTO ?').run(to);
  db.close();
}

/** What a restore changes in the copy before it goes live. */
export function renewEpoch(dataDir: string, epoch: string): void {
  const db = new DatabaseSync(databaseFile(dataDir));
  db.prepare("UPDATE settings SET value = ? WHERE key = 'epoch'").run(epoch);
  db.close();
}

/** A migrated database with these agents in it: opening a copy of it costs next to nothing. */
export async function createTemplate(
  folder: string,
  agents: readonly { id: string; name: string; email: string }[],
  ground: { timeline: Timeline; chance: Chance },
): Promise<string> {
  const clock = ground.timeline.clockOf(() => true, 'template');
  const store = await openStore({
    dataDir: folder,
    clock,
    random: ground.chance,
    metrics,
    onFatal: () => undefined,
    createWriter: (options) =>
      createSimulatedWriter(options, {
        ...ground,
        mood: { commitMs: 0, isFull: false, busy: 0, failsNext: 'no' },
        plant: {},
        onCommit: () => undefined,
        trace: () => undefined,
      }),
  });
  for (const agent of agents) {
    await store.agents.invite(agent.id, clock.now() + 1_000, clock.now());
    const invitation = { tokenHash: agent.id, now: clock.now() };
    await store.agents.signUp(invitation, { ...agent, passwordHash: 'none' });
  }
  await store.close();
  const file = databaseFile(folder);
  const db = new DatabaseSync(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  return file;
}
