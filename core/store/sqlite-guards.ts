/**
 * What is looked at before a database is opened: the SQLite, the file system, the folder, the file.
 * Each guard refuses with one sentence that says what to do, and changes nothing.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** One sentence for the operator that says what to do; the files are as they were. */
export class StartRefused extends Error {}

/** Earlier versions can corrupt a database in WAL mode with several connections. */
const SQLITE_MIN = '3.51.3';

/** `TRES`: marks our databases, so that another program's file is never taken for ours. */
export const APPLICATION_ID = 0x54524553;
/** The first released schema carries no mark; it is known by its tables. */
const UNMARKED_VERSION = 1;
const UNMARKED_TABLES = ['conversations', 'events', 'settings'];

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

/** `f_type` of statfs(2), from linux/magic.h. Locks, shared memory or fsync are not sure there. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x73757245, 'Coda'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x0bd00bd0, 'Lustre'],
  [0x564c, 'NCP'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0x65735546, 'FUSE'],
]);

export type Passing = 'container layer' | 'memory';

/** Fit to try Tresen out, not to keep what people wrote (decision 0009). */
const PASSING: ReadonlyMap<number, Passing> = new Map([
  [0x794c7630, 'container layer'],
  [0x01021994, 'memory'],
  [0x858458f6, 'memory'],
  [0x61756673, 'container layer'],
]);

/**
 * @param typeOf `f_type` of the file system that holds a path
 * @returns what the data will not outlive, or undefined when they lie on a disk of this machine
 * @throws StartRefused on a file system that is shared over a network
 */
export function guardFileSystem(
  dataDir: string,
  typeOf = (path: string): number => statfsSync(path).type,
): Passing | undefined {
  let path = dataDir;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  // Some magic numbers have the highest bit set, and may come as negative.
  const type = typeOf(path) >>> 0;
  const remote = REMOTE.get(type);
  if (remote === undefined) return PASSING.get(type);
  throw new StartRefused(
    `${dataDir} lies on a file system of type ${remote}, where a database can be damaged. ` +
      'Set TRESEN_DATA_DIR to a folder on a disk of this machine.',
  );
}

/** @throws StartRefused when nothing can be created in this folder */
export function guardWritable(dataDir: string): void {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusableFolder(dataDir, cause);
  }
}

/** @param cause what the operating system said */
export function unusableFolder(dataDir: string, cause: unknown): StartRefused {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const why = WHY_UNUSABLE[code] ?? code;
  return new StartRefused(
    `Nothing can be written in ${dataDir}: ${why}. Correct that, or set TRESEN_DATA_DIR.`,
    { cause },
  );
}

const WHY_UNUSABLE: Readonly<Record<string, string>> = {
  EACCES: 'this account has no permission',
  EPERM: 'this account has no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
};

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const VERSION_AT = 60;
const APPLICATION_AT = 68;

/** The file beside the database in which a restore waits for its last step. */
export const restoredFile = (file: string): string => `${file}.restored`;

/**
 * Looks at a database without changing a byte of it. Not for a process that has it open: closing a
 * file drops every lock that the process holds on it (POSIX).
 * @param newest the highest schema version that this program knows
 * @param isAlone this process holds the folder: then no trace stays beside the file either
 * @returns its schema version; 0 when there is nothing yet
 * @throws StartRefused when it is not ours, damaged at the head, cut short or too new
 */
export function guardDatabase(
  file: string,
  { newest, isAlone }: { newest: number; isAlone: boolean },
): number {
  guardUnfinished(file);
  const bytes = sizeOf(file);
  if (bytes === 0) return 0;
  const head = readHead(file);
  const isDatabase = head.length === HEADER_BYTES && head.toString('latin1', 0, 16) === MAGIC;
  const page = head.length === HEADER_BYTES ? pageSize(head) : 0;
  if (!isDatabase || page === 0) throw damaged(file, 'its first bytes are not those of a database');
  // Only then the head tells the truth; else SQLite must read what lies beside the file.
  const isWhole = sizeOf(`${file}-wal`) === 0 && sizeOf(`${file}-journal`) === 0;
  if (isWhole && bytes < page * statedPages(head)) throw damaged(file, 'its end is missing');
  const isMarked = isWhole && head.readInt32BE(APPLICATION_AT) === APPLICATION_ID;
  const found = isMarked ? undefined : peek(file, { isWhole, isAlone });
  if (found && found.application !== APPLICATION_ID) guardUnmarked(file, found);
  const version = found?.version ?? head.readUInt32BE(VERSION_AT);
  if (version > newest) {
    throw new StartRefused(
      `The database is of version ${version}, this program knows ${newest}. ` +
        'Install the newer Tresen again; nothing was changed.',
    );
  }
  return version;
}

function guardUnfinished(file: string): void {
  if (existsSync(restoredFile(file))) {
    const way = existsSync(file)
      ? `remove ${restoredFile(file)} to go on with the database as it is`
      : `rename ${restoredFile(file)} to ${basename(file)} to go on with what was restored`;
    throw new StartRefused(
      `A restore did not come to its end: run "npm run restore" again, or ${way}.`,
    );
  }
  if (sizeOf(file) > 0 || sizeOf(`${file}-wal`) === 0) return;
  // SQLite would delete the log as a leftover, and with it what was acknowledged (G1).
  throw new StartRefused(
    `${file} is missing or empty, but its log ${file}-wal is there. ` +
      'Put the database back, or move the log away and restore a backup.',
  );
}

/** A database without our mark: ours of before there was one, one just begun, or a stranger's. */
function guardUnmarked(file: string, { application, version, tables }: Peeked): void {
  const isBegun = version === 0 && tables.length === 0;
  const isFirst =
    version === UNMARKED_VERSION && UNMARKED_TABLES.every((name) => tables.includes(name));
  if (application === 0 && (isBegun || isFirst)) return;
  throw new StartRefused(
    `${file} belongs to another program. Move it away, or set TRESEN_DATA_DIR.`,
  );
}

type Peeked = { application: number; version: number; tables: unknown[] };

function peek(file: string, { isWhole, isAlone }: { isWhole: boolean; isAlone: boolean }): Peeked {
  const hadIndex = existsSync(`${file}-shm`);
  try {
    // A change that was cut off is undone by the next who may write; its bytes are those of before.
    const isCutOff = isAlone && sizeOf(`${file}-journal`) > 0;
    const db = isCutOff ? new DatabaseSync(file) : openPeek(file, isWhole);
    try {
      const value = (pragma: string) => Object.values(db.prepare(pragma).get() ?? {})[0];
      return {
        application: Number(value('PRAGMA application_id')),
        version: Number(value('PRAGMA user_version')),
        tables: db
          .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
          .all()
          .map((row) => row['name']),
      };
    } finally {
      db.close();
      // A reading connection leaves the index of the log behind; it is built anew when needed.
      if (isAlone && !hadIndex) rmSync(`${file}-shm`, { force: true });
    }
  } catch (cause) {
    throw explained(file, cause);
  }
}

/** Nobody writes to it, or has it open for that: a log lies beside it then. */
export const isAtRest = (file: string): boolean =>
  !existsSync(`${file}-wal`) && !existsSync(`${file}-journal`);

/** Reads only. `isWhole`: nobody writes to the file, and SQLite creates nothing beside it. */
export function openPeek(file: string, isWhole: boolean): DatabaseSync {
  const url = pathToFileURL(file);
  if (isWhole) url.searchParams.set('immutable', '1');
  const db = new DatabaseSync(url, { readOnly: true });
  db.exec('PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA busy_timeout=5000;');
  return db;
}

/** @throws StartRefused when an ack would not mean that the message survives a power cut (G1) */
export function assertDurable(db: DatabaseSync, file: string): void {
  const mode = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  const sync = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  if (mode.journal_mode === 'wal' && sync.synchronous === 2) return;
  throw new StartRefused(
    `The folder of ${file} does not allow WAL with full sync; use a local file system.`,
  );
}

/** Primary result codes of SQLite that an operator can do something about. */
const ADVICE: Readonly<Record<number, (file: string) => string>> = {
  5: (file) => `Another program has ${file} open. Close it and try again.`,
  8: (file) => `${file} cannot be written. Give this account the permission.`,
  10: (file) => `The disk fails when ${file} is read or written. Check the disk.`,
  11: (file) => damaged(file, 'SQLite finds its pages malformed').message,
  13: (file) => `The disk of ${file} is full. Make room and try again.`,
  14: (file) => `${file} cannot be opened. Check the permissions of the file and of its folder.`,
  26: (file) => damaged(file, 'SQLite does not know its format').message,
};

/** @returns what SQLite said as a sentence that says what to do, or the error as it was */
export function explained(file: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0;
  const advice = ADVICE[code];
  return advice ? new StartRefused(advice(file), { cause }) : cause;
}

/** CORRUPT 11, NOTADB 26 (primary codes): so damaged that even the check of SQLite gives up. */
export const isDamage = (cause: unknown): cause is Error =>
  cause instanceof Error && 'errcode' in cause && [11, 26].includes(Number(cause.errcode) & 0xff);

const damaged = (file: string, why: string): StartRefused =>
  new StartRefused(
    `${file} is no sound database: ${why}. Restore a backup with "npm run restore -- <file>".`,
  );

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function readHead(file: string): Buffer {
  try {
    const opened = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEADER_BYTES);
      return head.subarray(0, readSync(opened, head, 0, HEADER_BYTES, 0));
    } finally {
      closeSync(opened);
    }
  } catch (cause) {
    throw new StartRefused(`${file} cannot be read. Check its permissions.`, { cause });
  }
}

/** 0 when an old SQLite wrote last and did not keep the number. */
const statedPages = (head: Buffer): number =>
  head.readUInt32BE(24) === head.readUInt32BE(92) ? head.readUInt32BE(28) : 0;

/** In bytes; 0 when the head states an impossible one. */
function pageSize(head: Buffer): number {
  const stated = head.readUInt16BE(16);
  const bytes = stated === 1 ? 65_536 : stated;
  return bytes >= 512 && (bytes & (bytes - 1)) === 0 ? bytes : 0;
}
