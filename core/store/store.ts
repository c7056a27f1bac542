/**
 * The store: one SQLite file that is the truth. Above this folder nobody knows which engine it is.
 * Relies on holding the data folder alone. Reads are short and on this thread; writes are promises
 * that resolve after the fsync.
 */
import type { Clock } from '#core/platform/clock.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import type { Random } from '#core/platform/random.ts';
import { createAgents } from './agents.ts';
import { createArticles } from './articles.ts';
import { createContacts } from './contacts.ts';
import { createConversations } from './conversations.ts';
import {
  assertSafeSqlite,
  databaseFile,
  lockDataDir,
  migrate,
  openReader,
  type Reader,
  StartRefused,
} from './sqlite.ts';
import { createWriter, type Statement, type Writer, type WriterOptions } from './writer.ts';

export type Store = Awaited<ReturnType<typeof openStore>>;

/**
 * Opens, creates or migrates the database in `dataDir`.
 * @throws StartRefused with one sentence that says what to do; the files are untouched then
 */
export async function openStore(options: {
  dataDir: string;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  onFatal: (code: number) => void;
  /** The simulation hands in one that fails when it is told to. */
  createWriter?: (options: WriterOptions) => Writer;
}) {
  assertSafeSqlite(process.versions['sqlite']);
  const lock = lockDataDir(options.dataDir);
  const file = databaseFile(options.dataDir);
  try {
    migrate(file);
  } catch (error) {
    lock.release();
    throw error;
  }
  const { metrics, onFatal } = options;
  const writer = (options.createWriter ?? createWriter)({ file, metrics, onFatal });
  await mustWrite([firstEpoch()]);
  const reader = counted(openReader(file), metrics);
  const epoch = String(reader.one("SELECT value FROM settings WHERE key = 'epoch'")?.['value']);

  /** @throws StartRefused when the store does not take it, e.g. on a full disk */
  async function mustWrite(statements: Statement[]): Promise<void> {
    const result = await writer.write(statements);
    if (result === 'done') return;
    await writer.close();
    lock.release();
    throw new StartRefused(`Nothing can be written to ${file}. Is there room on the disk?`);
  }

  /** Kept from then on; another one when the data are replaced by older ones (`npm run restore`). */
  function firstEpoch(): Statement {
    const sql = "INSERT INTO settings VALUES ('epoch', ?) ON CONFLICT DO NOTHING";
    return { sql, values: [options.random.uuid(options.clock.now())] };
  }

  async function close(): Promise<void> {
    await writer.close();
    reader.close();
    lock.release();
  }

  return Object.freeze({
    epoch,
    /** What the data will not outlive, e.g. a container without a volume; undefined on a disk. */
    passing: lock.passing,
    isFailing: writer.isFailing,
    waiting: writer.waiting,
    conversations: createConversations(reader, writer),
    contacts: createContacts(reader),
    agents: createAgents(reader, writer),
    articles: createArticles(reader, writer),
    close,
  });
}

/** Queries per command are a figure that CI watches: one too many is felt by everybody. */
const counted = (reader: Reader, { queries }: Metrics): Reader => ({
  one: (sql, ...values) => {
    queries.inc();
    return reader.one(sql, ...values);
  },
  all: (sql, ...values) => {
    queries.inc();
    return reader.all(sql, ...values);
  },
  close: reader.close,
});
