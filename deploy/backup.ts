/**
 * `npm run backup -- [folder or file]`: a verified copy of the database, while Tresen runs.
 * Exit codes: 0 a sound copy lies there, 1 the copy is not sound, 2 nothing was copied.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '#core/platform/clock.ts';
import { readConfig } from '#core/platform/config.ts';
import { databaseFile } from '#core/store/sqlite.ts';
import { copyDatabase, syncFolderOf } from '#core/store/sqlite-backup.ts';
import { assertSafeSqlite } from '#core/store/sqlite-guards.ts';
import { verifyDatabase } from '#core/store/sqlite-verify.ts';
import {
  assertRoom,
  megabytes,
  progress,
  Refused,
  removeAtExit,
  run,
  say,
  sayVerdict,
  seconds,
  timestamp,
} from './tool.ts';

const FOLDER = 'backups';

async function main(): Promise<number> {
  const started = performance.now();
  // People wait for the server, nobody for a backup.
  setPriority(constants.priority.PRIORITY_LOW);
  assertSafeSqlite(process.versions['sqlite']);
  const database = databaseFile(readConfig(process.env).TRESEN_DATA_DIR);
  if (!existsSync(database)) throw new Refused(`There is no database ${database}.`);
  const target = targetOf(process.argv.slice(2));
  const part = createPart(target);
  removeAtExit([part, `${part}-journal`]);
  assertRoom(dirname(target), statSync(database).size);
  await copyDatabase(database, part, { isGentle: true, onProgress: progress('copied') });
  const verdict = verifyDatabase(part, progress('verified'));
  const isSound = verdict.problems.length === 0;
  const placed = isSound ? target : `${target}.not-sound`;
  renameSync(part, placed);
  syncFolderOf(placed);
  sayVerdict(placed, verdict);
  if (!isSound) {
    say('  The database itself may be damaged: keep older backups, check the disk, and run');
    say(`  npm run restore -- --check ${database}`);
    return 1;
  }
  say(`Backup ready: ${megabytes(statSync(placed).size)} in ${seconds(started)}.`);
  return 0;
}

/** A file that is not there yet. */
function targetOf(args: readonly string[]): string {
  if (args.length > 1 || args[0]?.startsWith('-')) {
    throw new Refused('Usage: npm run backup -- [folder or file]');
  }
  const given = args[0] ?? FOLDER;
  const isFolder =
    args[0] === undefined ||
    given.endsWith('/') ||
    statSync(given, { throwIfNoEntry: false })?.isDirectory();
  const name = `tresen-${timestamp(systemClock.now())}.db`;
  const target = resolve(isFolder ? join(given, name) : given);
  if (existsSync(target)) throw new Refused(`${target} exists already; it was left as it is.`);
  return target;
}

/** Only this account may read it, from the first byte on. */
function createPart(target: string): string {
  const part = `${target}.part`;
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    closeSync(openSync(part, 'wx', 0o600));
    return part;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : 'unknown';
    const why =
      code === 'EEXIST'
        ? `${part} exists: another backup is at work, or one was cut off; then remove it.`
        : `Nothing can be written in ${dirname(target)} (${code}).`;
    throw new Refused(why, { cause });
  }
}

await run('No backup', main);
