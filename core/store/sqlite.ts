/**
 * The door to node:sqlite: opens the database with the settings that make an ack mean something,
 * guards the start, and migrates. Knows tables, not what they are for.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  assertDurable,
  assertSafeSqlite,
  explained,
  guardDatabase,
  guardFileSystem,
  guardWritable,
  type Passing,
  StartRefused,
  unusableFolder,
} from './sqlite-guards.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

export { assertSafeSqlite, StartRefused };

export type Row = Record<string, unknown>;
export type Value = string | number | null;

/** Read-only access for the main thread: single rows and short bounded lists. */
export type Reader = {
  one(sql: string, ...values: Value[]): Row | undefined;
  all(sql: string, ...values: Value[]): Row[];
  close(): void;
};

const SQLITE_BUSY = 5;

export const databaseFile = (dataDir: string): string => join(dataDir, 'tresen.db');

/**
 * Keeps a second process away from the same folder for as long as this one lives; the operating
 * system releases the lock even after kill -9. Creates the folder when it is not there.
 * @returns `passing`: what the data will not outlive, e.g. a container; undefined on a disk
 * @throws StartRefused when another process holds it, or the folder is not fit to hold data
 */
export function lockDataDir(dataDir: string): { release(): void; passing: Passing | undefined } {
  const passing = guardFileSystem(dataDir);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusableFolder(dataDir, cause);
  }
  guardWritable(dataDir);
  const lock = openLock(dataDir);
  return { release: () => lock.close(), passing };
}

function openLock(dataDir: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(dataDir, 'instance.lock'));
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;');
    return lock;
  } catch (cause) {
    lock?.close();
    const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
    const why = isBusy
      ? `Another Tresen already works on ${dataDir}. Stop it, or set TRESEN_DATA_DIR.`
      : `The file instance.lock in ${dataDir} cannot be used. Remove it when no Tresen runs there.`;
    throw new StartRefused(why, { cause });
  }
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

/**
 * Brings the schema to the newest version, one transaction per step: after a kill the database is
 * of the version before or of the one after, never between.
 * @param migrations step n leads from version n to n + 1
 * @throws StartRefused when the file cannot be used; it is as it was then, or a step further
 */
export function migrate(file: string, migrations: readonly string[] = MIGRATIONS): void {
  const version = guardDatabase(file, { newest: migrations.length, isAlone: true });
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec('PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
    assertDurable(db, file);
    // Creates the log and takes the lock of a writer: what does not work shall fail here.
    db.exec('BEGIN IMMEDIATE; COMMIT');
    for (const [step, sql] of migrations.entries()) {
      if (step >= version) migrateStep(db, { file, step, sql });
    }
  } catch (cause) {
    throw explained(file, cause);
  } finally {
    db?.close();
  }
}

function migrateStep(
  db: DatabaseSync,
  { file, step, sql }: { file: string; step: number; sql: string },
): void {
  try {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version=${step + 1}; COMMIT;`);
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK');
    const known = explained(file, cause);
    if (known !== cause) throw known;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartRefused(
      `The database cannot be brought from version ${step} to ${step + 1}: ${why}. ` +
        `It is still of version ${step}; start the Tresen that you had before.`,
      { cause },
    );
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
