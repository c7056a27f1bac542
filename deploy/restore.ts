/**
 * `npm run restore -- <file>`: puts a backup in the place of the database, while Tresen is stopped.
 * `npm run restore -- --check <file>` only verifies. The database of before is kept aside.
 * Exit codes: 0 done; 1 the file is not sound, 2 refused: the database is untouched in both;
 * 3 something unexpected: read what it says.
 */
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { systemClock } from '#core/platform/clock.ts';
import { readConfig } from '#core/platform/config.ts';
import { systemRandom } from '#core/platform/random.ts';
import { databaseFile, lockDataDir } from '#core/store/sqlite.ts';
import { copyDatabase, mergeLog, reviveCopy, syncFolderOf } from '#core/store/sqlite-backup.ts';
import { assertSafeSqlite, restoredFile, StartRefused } from '#core/store/sqlite-guards.ts';
import { verifyDatabase } from '#core/store/sqlite-verify.ts';
import {
  assertRoom,
  progress,
  Refused,
  removeAtExit,
  run,
  say,
  sayVerdict,
  seconds,
  timestamp,
} from './tool.ts';

const USAGE = 'Usage: npm run restore -- <file>, or npm run restore -- --check <file>';
/** What lies beside a database and belongs to it. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

async function main(): Promise<number> {
  const started = performance.now();
  const args = process.argv.slice(2);
  const isCheck = args[0] === '--check';
  const given = isCheck ? args[1] : args[0];
  if (given === undefined || args.length !== (isCheck ? 2 : 1) || given.startsWith('-')) {
    throw new Refused(USAGE);
  }
  assertSafeSqlite(process.versions['sqlite']);
  const backup = resolve(given);
  if (!existsSync(backup)) throw new Refused(`There is no file ${backup}.`);
  if (statSync(backup).size === 0) throw new Refused(`${backup} is empty.`);
  if (isCheck) return sayVerdict(backup, verifyDatabase(backup, progress('verified'))) ? 0 : 1;

  const dataDir = readConfig(process.env).TRESEN_DATA_DIR;
  const database = databaseFile(dataDir);
  if (backup === database) throw new Refused(`${backup} is the database itself.`);
  const lock = lockDataDir(dataDir);
  const ready = restoredFile(database);
  const part = `${ready}.part`;
  removeAtExit(COMPANIONS.map((end) => `${part}${end}`));
  try {
    if (!(await prepare(backup, part))) return 1;
    merge(database);
    // From here on a start refuses until the last step is done.
    renameSync(part, ready);
    syncFolderOf(ready);
    const aside = moveAside(database);
    renameSync(ready, database);
    syncFolderOf(database);
    explain(started, aside);
    return 0;
  } finally {
    lock.release();
  }
}

/** @returns whether `part` is now a copy that was verified and may go live */
async function prepare(backup: string, part: string): Promise<boolean> {
  rmSync(part, { force: true });
  assertRoom(dirname(part), statSync(backup).size);
  closeSync(openSync(part, 'wx', 0o600));
  await copyDatabase(backup, part, { isGentle: false, onProgress: progress('copied') });
  if (!sayVerdict(backup, verifyDatabase(part, progress('verified')))) {
    process.stderr.write('Nothing restored: take an older backup.\n');
    return false;
  }
  reviveCopy(part, systemRandom.uuid(systemClock.now()));
  return true;
}

/** One file is easier to keep; but what is restored over may be damaged, and stays as it is then. */
function merge(database: string): void {
  try {
    mergeLog(database);
  } catch (cause) {
    if (!(cause instanceof StartRefused)) throw cause;
  }
}

/** @returns the new name of the database of before; undefined when there was none */
function moveAside(database: string): string | undefined {
  const left = COMPANIONS.filter((end) => existsSync(`${database}${end}`));
  if (left.length === 0) return undefined;
  const aside = freeName(`${database}.before-restore-${timestamp(systemClock.now())}`);
  // A log beside another database would be taken for its own: it goes first.
  for (const end of left.reverse()) renameSync(`${database}${end}`, `${aside}${end}`);
  syncFolderOf(database);
  return aside;
}

/** Never over an earlier one: two restores may fall into one second, or a clock be set back. */
function freeName(name: string, number = 1): string {
  const tried = number === 1 ? name : `${name}-${number}`;
  return COMPANIONS.some((end) => existsSync(`${tried}${end}`))
    ? freeName(name, number + 1)
    : tried;
}

function explain(started: number, aside: string | undefined): void {
  say(`Restored in ${seconds(started)}. What happens next:`);
  say('  Start Tresen again. Browsers reconnect by themselves, drop what the backup does not');
  say('  hold, and send again what was not acknowledged. What was acknowledged after the backup');
  say('  was made is not in it. Agents sign in again; open invitations are no longer valid.');
  say('  The bot learns again by itself when the articles are other ones.');
  if (aside) say(`  The database of before is kept as ${basename(aside)} beside the new one.`);
}

await run('Nothing restored', main);
