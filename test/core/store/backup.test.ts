/**
 * Backup and restore as an operator runs them: what they refuse, what they leave behind, and that
 * the check before they are believed finds what is planted.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '#core/store/sqlite.ts';
import { copyDatabase } from '#core/store/sqlite-backup.ts';
import { verifyDatabase } from '#core/store/sqlite-verify.ts';
import { contentOf, loadFixture } from '#test/support/databases.ts';
import { runTool } from '#test/support/tools.ts';

let folder: string;
let dataDir: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tresen-backup-'));
  dataDir = join(folder, 'data');
  file = join(dataDir, 'tresen.db');
  mkdirSync(dataDir);
  loadFixture(1, file);
  migrate(file);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const backup = (...args: string[]) => runTool('backup', args, { dataDir });
const restore = (...args: string[]) => runTool('restore', args, { dataDir });

function change(path: string, sql: string): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
}

/** Overwrites a page in the middle, where rows lie. */
function damage(path: string): void {
  const opened = openSync(path, 'r+');
  writeSync(opened, Buffer.alloc(4_096, 0x5a), 0, 4_096, 4_096 * 8);
}

describe('backup', () => {
  it('is one verified file for this account alone, named by the time', async () => {
    const { status, stdout } = await backup(join(folder, 'kept/'));
    expect(stdout).toMatch(/version 2, 3 conversations, 20 events, 3 contacts, 1 agents/);
    expect(stdout).toMatch(/Backup ready: .* MB in /);
    expect(status).toBe(0);
    const [name, ...others] = readdirSync(join(folder, 'kept'));
    expect(name).toMatch(/^tresen-\d{8}T\d{6}Z\.db$/);
    expect(others).toEqual([]);
    const copy = join(folder, 'kept', name ?? '');
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(contentOf(copy)).toEqual(contentOf(file));
  });

  it('never overwrites', async () => {
    const target = join(folder, 'mine.db');
    writeFileSync(target, 'precious');
    const { status, stderr } = await backup(target);
    expect(stderr).toMatch(/mine.db exists already; it was left as it is/);
    expect(status).toBe(2);
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  it('of a database that begins to change meanwhile is refused, not a mix of two moments', async () => {
    const target = join(folder, 'copy.db');
    writeFileSync(target, '');
    const copying = copyDatabase(file, target, { isGentle: false });
    change(file, "UPDATE agents SET name = 'later'");
    await expect(copying).rejects.toThrow(/was changed while it was copied/);
  });

  it('says when there is no database', async () => {
    const { status, stderr } = await runTool('backup', [], { dataDir: folder });
    expect(stderr).toMatch(/There is no database/);
    expect(status).toBe(2);
  });

  /** 512 kB of disk, in a namespace of its own. */
  const onSmallDisk = (place: string): string[] => {
    const mount = `mount -t tmpfs -o size=512k none ${place} && "$@"; s=$?; ls -A ${place}; exit $s`;
    const namespace = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
    return ['unshare', ...namespace, 'sh', '-c', mount, 'sh'];
  };
  const place = tmpdir();
  const canMount =
    spawnSync('unshare', [...onSmallDisk(place).slice(1, -4), 'true'], { stdio: 'ignore' })
      .status === 0;

  it.skipIf(!canMount)('F5: on a full disk it says so and leaves nothing', async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    const fill = `CREATE TABLE filler (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1
      FROM n WHERE i < 2000) INSERT INTO filler SELECT randomblob(1000) FROM n`;
    const within = onSmallDisk(small);
    // Most of it lies in the log still: only the copying itself can find out.
    const writer = new DatabaseSync(file);
    writer.exec(`PRAGMA wal_autocheckpoint=0; ${fill}`);
    const late = await runTool('backup', [join(small, 'a.db')], { dataDir, within });
    writer.close();
    const early = await runTool('backup', [join(small, 'b.db')], { dataDir, within });
    expect(late.stderr).toMatch(/No backup: The disk of .*a.db.* is full. Make room/);
    expect(early.stderr).toMatch(/has 0.5 MB of room, 2\.\d MB are needed/);
    for (const { status, stdout } of [late, early]) {
      expect(status).toBe(2);
      expect(stdout).toBe('');
    }
  });

  it('of a damaged database is told as not sound, and kept under another name', async () => {
    damage(file);
    const target = join(folder, 'copy.db');
    const { status, stdout } = await backup(target);
    expect(stdout).toMatch(/Not sound: /);
    expect(status).toBe(1);
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.not-sound`)).toBe(true);
  });
});

describe('restore', () => {
  let copy: string;
  beforeEach(async () => {
    copy = join(folder, 'copy.db');
    expect((await backup(copy)).status).toBe(0);
    change(file, "INSERT INTO contacts VALUES ('late', 'late', 'de', 1)");
  });

  it('puts the copy in place under a new epoch, without sign-ins, and keeps the old', async () => {
    const before = contentOf(file);
    const { status, stdout } = await restore(copy);
    expect(stdout).toMatch(/What happens next:/);
    expect(status).toBe(0);
    const aside = readdirSync(dataDir).filter((name) => name.includes('before-restore'));
    expect(aside).toHaveLength(1);
    expect(contentOf(join(dataDir, aside[0] ?? ''))).toEqual(before);
    const [then, now] = [contentOf(copy), contentOf(file)];
    expect(now['settings']).not.toEqual(then['settings']);
    expect(then['sign_ins']).not.toEqual([]);
    const { settings } = now;
    expect(now).toEqual({ ...then, settings, sign_ins: [], invitations: [] });
    expect(readdirSync(dataDir).filter((name) => /part|restored/.test(name))).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never writes over a database that was put aside before, however quickly it goes', async () => {
    const kept: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      change(file, `INSERT INTO contacts VALUES ('before ${i}', 'before ${i}', 'de', 1)`);
      kept.push(contentOf(file)['contacts']);
      expect((await restore(copy)).status).toBe(0);
    }
    const aside = readdirSync(dataDir).filter((name) => name.includes('before-restore'));
    const contacts = aside.map((name) => contentOf(join(dataDir, name))['contacts']);
    expect(contacts).toHaveLength(3);
    expect(contacts).toEqual(expect.arrayContaining(kept));
  });

  it.each([
    ['damaged', () => damage(copy), 1, /take an older backup/],
    ['of a newer version', () => change(copy, 'PRAGMA user_version=99'), 2, /version 99/],
    ['no database', () => writeFileSync(copy, 'x'.repeat(5_000)), 2, /is no sound database/],
    ['empty', () => writeFileSync(copy, ''), 2, /is empty/],
    ['not there', () => rmSync(copy), 2, /There is no file/],
  ])('refuses a file that is %s; the database is untouched', async (_name, spoil, code, why) => {
    const before = readFileSync(file);
    spoil();
    const { status, stderr } = await restore(copy);
    expect(stderr).toMatch(why);
    expect(status).toBe(code);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(dataDir).filter((name) => name !== 'instance.lock')).toEqual(['tresen.db']);
  });

  it('works over a database that is damaged, log and all, and keeps that as it was', async () => {
    writeFileSync(file, Buffer.alloc(9_000, 7));
    writeFileSync(`${file}-wal`, Buffer.alloc(9_000, 8));
    expect((await restore(copy)).status).toBe(0);
    expect(verifyDatabase(file).problems).toEqual([]);
    const aside = readdirSync(dataDir).find((name) => /before-restore-\w+$/.test(name)) ?? '';
    expect(readFileSync(join(dataDir, aside))).toEqual(Buffer.alloc(9_000, 7));
    expect(readFileSync(join(dataDir, `${aside}-wal`))).toEqual(Buffer.alloc(9_000, 8));
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('that was cut off between its last steps is finished by running it again', async () => {
    copyFileSync(copy, `${file}.restored`);
    rmSync(file);
    expect(() => migrate(file)).toThrow(/run "npm run restore" again/);
    expect((await restore(copy)).status).toBe(0);
    expect(() => migrate(file)).not.toThrow();
    expect(contentOf(file)['events']).toEqual(contentOf(copy)['events']);
  });

  it('--check only looks, also where nothing can be written', async () => {
    const archive = join(folder, 'archive');
    mkdirSync(archive);
    copyFileSync(copy, join(archive, 'copy.db'));
    chmodSync(archive, 0o555);
    const { status, stdout } = await restore('--check', join(archive, 'copy.db'));
    expect(stdout).toMatch(/Sound: pages, references/);
    expect(status).toBe(0);
    expect(readdirSync(archive)).toEqual(['copy.db']);
    chmodSync(archive, 0o700);
  });
});

describe('the check finds what is planted', () => {
  it.each([
    ['a gap (G3)', 'DELETE FROM events WHERE seq = 2', /do not run from 1 to its last number/],
    ['a lost last event', 'DELETE FROM events WHERE id = 12', /do not run from 1/],
    ['a lost conversation', 'DELETE FROM conversations WHERE bot_due = 1', /no conversation/],
    ['a lost contact', 'DELETE FROM contacts', /row of contacts that is missing/],
    ['another owner', "UPDATE conversations SET owner = 'bot'", /owner differ from its events/],
    [
      'another state',
      `UPDATE conversations SET state = json_set(state, '$.failures', 7)`,
      /its state is not what its events make of it/,
    ],
    [
      'events in another order',
      `UPDATE events SET seq = CASE seq WHEN 1 THEN 99 END WHERE seq = 1;
       UPDATE events SET seq = 1 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 99`,
      /cannot follow on the ones before/,
    ],
  ])('%s', (_name, sql, problem) => {
    expect(verifyDatabase(file).problems).toEqual([]);
    change(file, sql);
    expect(verifyDatabase(file).problems.join('\n')).toMatch(problem);
  });
});
