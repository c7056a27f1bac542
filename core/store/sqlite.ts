/**
 * The door to node:sqlite: opens the database with the settings that make an ack mean something,
 * guards the start, and migrates. Knows tables, not what they are for.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MIGRATIONS } from './sqlite-schema.ts';

export type Row = Record<string, unknown>;
export type Value = string | number | null;

/** Read-only access for the main thread: single rows and short bounded lists. */
export type Reader = {
  one(sql: string, ...values: Value[]): Row | undefined;
  all(sql: string, ...values: Value[]): Row[];
  close(): void;
};

/** Earlier versions can corrupt a database in WAL mode with several connections. */
const SQLITE_MIN = '3.51.3';

const SQLITE_BUSY = 5;

export class StartRefused extends Error {}

/** @throws StartRefused when this SQLite is too old to be trusted with the data */
export function assertSafeSqlite(version: string | undefined): void {
  const parts = (version ?? '0').split('.').map(Number);
  const min = SQLITE_MIN.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (parts[i] ?? 0) - (min[i] ?? 0);
    if (difference > 0) return;
    if (difference < 0) {
      throw new StartRefused(
        `SQLite ${version} can corrupt the database; ${SQLITE_MIN} or newer is needed. ` +
          'Run "npm ci" again, it brings a Node with a safe one.',
      );
    }
  }
}

export const databaseFile = (dataDir: string): string => join(dataDir, 'tresen.db');

/**
 * Keeps a second process away from the same folder for as long as this one lives; the operating
 * system releases the lock even after kill -9.
 * @throws StartRefused when another process holds it
 */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataDir, 'instance.lock'));
  try {
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (cause) {
    lock.close();
    const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
    const why = isBusy
      ? `Another Tresen already works on ${dataDir}. Stop it, or set TRESEN_DATA_DIR.`
      : `The file instance.lock in ${dataDir} cannot be used. Remove it when no Tresen runs there.`;
    throw new StartRefused(why, { cause });
  }
  return { release: () => lock.close() };
}

/** The writing connection: WAL, and an fsync before every commit returns (G1). */
export function openWriter(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
    PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA busy_timeout=5000;
    PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-32000;`);
  assertDurable(db, file);
  return db;
}

function assertDurable(db: DatabaseSync, file: string): void {
  const mode = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  const sync = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  if (mode.journal_mode === 'wal' && sync.synchronous === 2) return;
  throw new StartRefused(
    `The folder of ${file} does not allow WAL with full sync; use a local file system.`,
  );
}

/**
 * Brings the schema to this program's version, one transaction per step.
 * @throws StartRefused when the database is newer than the program; nothing is touched then
 */
export function migrate(file: string): void {
  const db = new DatabaseSync(file);
  try {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > MIGRATIONS.length) {
      throw new StartRefused(
        `The database is of version ${version}, this program knows ${MIGRATIONS.length}. ` +
          'Install the newer Tresen again; nothing was changed.',
      );
    }
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
    assertDurable(db, file);
    if (version === MIGRATIONS.length) return;
    for (const [step, sql] of MIGRATIONS.entries()) {
      if (step < version) continue;
      db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version=${step + 1}; COMMIT;`);
    }
  } finally {
    db.close();
  }
}

export function openReader(file: string): Reader {
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec('PRAGMA trusted_schema=OFF; PRAGMA busy_timeout=5000;');
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  return Object.freeze({
    one: (sql: string, ...values: Value[]) => prepared(sql).get(...values) as Row | undefined,
    all: (sql: string, ...values: Value[]) => prepared(sql).all(...values) as Row[],
    close: () => db.close(),
  });
}
