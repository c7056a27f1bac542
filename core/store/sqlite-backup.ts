/**
 * Copies of the database: taken from a running one without holding its writer up, and made ready to
 * take the place of another. Knows the tables that must not come back to life.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import {
  explained,
  guardDatabase,
  isAtRest,
  isDamage,
  openPeek,
  StartRefused,
} from './sqlite-guards.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

/** 1 MiB of pages of 4 KiB: what the disk takes in a few milliseconds. */
const PAGES_PER_STEP = 256;

export type CopyOptions = {
  /** Rest after every step as long as it took: a running server has half of the disk then. */
  isGentle: boolean;
  /** Share of the pages that are copied, 0 to 1. */
  onProgress?: (share: number) => void;
};

/**
 * A consistent copy of one moment, also while the server writes: a read transaction keeps that
 * moment, so that no commit of the server makes the copy begin again. Meanwhile the log grows.
 * @param to an empty file that this process has just created; synced when the promise resolves
 * @throws StartRefused when `from` is no database of Tresen, or the disk of `to` is full
 */
export async function copyDatabase(
  from: string,
  to: string,
  { isGentle, onProgress = () => undefined }: CopyOptions,
): Promise<void> {
  guardDatabase(from, { newest: MIGRATIONS.length, isAlone: false });
  const wasAtRest = isAtRest(from);
  const before = wasAtRest ? statSync(from).mtimeMs : undefined;
  const source = open(from, wasAtRest);
  const target = openSync(to, 'r+');
  let rested = performance.now();
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(source, to, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) => {
        // Small amounts reach the disk one by one: a large one would hold up the server's fsync.
        fdatasyncSync(target);
        if (isGentle) rest(performance.now() - rested);
        rested = performance.now();
        onProgress((totalPages - remainingPages) / totalPages);
      },
    });
    // At rest it is read without locks: a server that has started meanwhile may have mixed it.
    if (wasAtRest && !(isAtRest(from) && statSync(from).mtimeMs === before)) {
      throw new StartRefused(`${from} was changed while it was copied. Run it again.`);
    }
    becomeOneFile(to);
    fsyncSync(target);
  } catch (cause) {
    throw explained(isDamage(cause) ? from : to, cause);
  } finally {
    closeSync(target);
    source.close();
  }
}

function open(from: string, wasAtRest: boolean): DatabaseSync {
  try {
    return openPeek(from, wasAtRest);
  } catch (cause) {
    throw explained(from, cause);
  }
}

/** Blocks: this is a process of its own, nobody waits for its loop. */
const rest = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** Without WAL nothing lies beside the copy, and it can be read from a read-only place. */
function becomeOneFile(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA journal_mode=DELETE');
  } finally {
    db.close();
  }
}

/**
 * Makes a copy fit to go live: a new epoch, so that clients drop what they know and send again
 * what was not acknowledged (G4); no sign-ins and no invitations, because one that had ended or
 * was used up after the copy was taken would count again.
 */
export function reviveCopy(file: string, epoch: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; BEGIN IMMEDIATE');
    db.prepare(`INSERT INTO settings VALUES ('epoch', ?)
      ON CONFLICT DO UPDATE SET value = excluded.value`).run(epoch);
    db.exec('DELETE FROM sign_ins; DELETE FROM invitations; COMMIT; PRAGMA journal_mode=DELETE');
  } catch (cause) {
    throw explained(file, cause);
  } finally {
    db.close();
  }
  syncFile(file);
}

/**
 * Moves what the log holds into the file, and the log away; for a folder that is held alone.
 * @throws StartRefused when the database looks damaged: SQLite would throw its log away
 */
export function mergeLog(file: string): void {
  if (guardDatabase(file, { newest: Number.MAX_SAFE_INTEGER, isAlone: true }) === 0) return;
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA busy_timeout=5000; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (cause) {
    throw explained(file, cause);
  } finally {
    db.close();
  }
}

export function syncFile(file: string): void {
  const opened = openSync(file, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** A rename is only sure when its folder is synced. */
export const syncFolderOf = (file: string): void => syncFile(dirname(file));
