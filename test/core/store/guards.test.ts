/**
 * Boot guards: each refuses with one sentence that says what to do, by exit code 2, and leaves
 * every byte and every time stamp of the files as it was.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir, migrate } from '#core/store/sqlite.ts';
import { assertDurable, guardFileSystem, StartRefused } from '#core/store/sqlite-guards.ts';
import { loadFixture } from '#test/support/databases.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tresen-guards-'));
  file = join(dataDir, 'tresen.db');
});
afterEach(() => {
  chmodSync(dataDir, 0o700);
  rmSync(dataDir, { recursive: true, force: true });
});

/** Name, content and times of every file; the empty lock file of the folder apart. */
function footprint(dir = dataDir): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir)
      .filter((name) => name !== 'instance.lock')
      .map((name) => {
        const path = join(dir, name);
        const { mtimeNs, mode } = statSync(path, { bigint: true });
        const content = createHash('sha256').update(readFileSync(path)).digest('hex');
        return [name, `${content} ${mtimeNs} ${mode}`];
      }),
  );
}

/** Starts a real Tresen that is expected to refuse. */
function start(options: { uid?: number } = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['core/main.ts'], {
    env: { PATH: process.env['PATH'], TRESEN_DATA_DIR: dataDir, TRESEN_PORT: '0' },
    encoding: 'utf8',
    timeout: 20_000,
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^Tresen cannot start: .+\n$/);
  return stderr;
}

function refusedUntouched(sentence: RegExp): void {
  const before = footprint();
  expect(start()).toMatch(sentence);
  expect(footprint()).toEqual(before);
}

/** Another process that has run `code` and stays: a lock of this one would be no obstacle. */
async function hold(code: string): Promise<{ release: () => Promise<unknown> }> {
  const script = `import { DatabaseSync } from 'node:sqlite';
    import { lockDataDir } from '#core/store/sqlite.ts';
    ${code} process.stdout.write('held'); setInterval(() => globalThis.lock, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), exited]);
  const release = (): Promise<unknown> => {
    child.kill('SIGKILL');
    return exited;
  };
  return { release };
}

const ours = (): void => {
  loadFixture(1, file);
  migrate(file);
};

describe('the file', () => {
  it('that is no database', () => {
    writeFileSync(file, 'These are my notes, not a database.\n'.repeat(200));
    refusedUntouched(/is no sound database: its first bytes.*npm run restore -- <file>/);
  });

  it('whose head was overwritten', () => {
    ours();
    const opened = openSync(file, 'r+');
    writeSync(opened, Buffer.alloc(64, 0x5a), 0, 64, 0);
    refusedUntouched(/is no sound database/);
  });

  it('whose end is missing', () => {
    ours();
    truncateSync(file, statSync(file).size - 4096);
    refusedUntouched(/its end is missing/);
  });

  it('of another program', () => {
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version=1');
    db.close();
    refusedUntouched(/belongs to another program.*TRESEN_DATA_DIR/);
  });

  it('with the mark of another program, whatever its tables are called', () => {
    ours();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA application_id=42; PRAGMA journal_mode=DELETE');
    db.close();
    refusedUntouched(/belongs to another program/);
  });

  it('of a newer version', () => {
    ours();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version=99');
    db.close();
    refusedUntouched(/version 99, this program knows \d+.*nothing was changed/);
  });

  it('of a newer version that was killed, so that only its log says so', () => {
    const live = join(dataDir, 'live');
    mkdirSync(live);
    loadFixture(1, join(live, 'tresen.db'));
    migrate(join(live, 'tresen.db'));
    const db = new DatabaseSync(join(live, 'tresen.db'));
    db.exec('PRAGMA user_version=99');
    for (const end of ['', '-wal']) copyFileSync(join(live, `tresen.db${end}`), `${file}${end}`);
    db.close();
    rmSync(live, { recursive: true });
    expect(readFileSync(file).readUInt32BE(60)).not.toBe(99);
    refusedUntouched(/version 99/);
  });

  it('that is gone while its log is there: SQLite would delete the log', () => {
    writeFileSync(`${file}-wal`, Buffer.alloc(40_000, 1));
    refusedUntouched(/is missing or empty, but its log/);
    writeFileSync(file, '');
    refusedUntouched(/is missing or empty, but its log/);
  });

  it('beside which a restore did not come to its end', () => {
    ours();
    copyFileSync(file, `${file}.restored`);
    refusedUntouched(/A restore did not come to its end: run "npm run restore" again/);
  });

  it('that another program has locked', async () => {
    ours();
    const other = await hold(`globalThis.lock = new DatabaseSync(${JSON.stringify(file)});
      globalThis.lock.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');`);
    refusedUntouched(/Another program has .*tresen.db open. Close it/);
    await other.release();
  });

  it('that is empty is a fresh start, and one in another journal mode goes back to WAL', () => {
    writeFileSync(file, '');
    migrate(file);
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode=DELETE');
    db.close();
    migrate(file);
    expect(readFileSync(file).subarray(18, 20)).toEqual(Buffer.from([2, 2]));
  });

  it('whose log was lost is taken as SQLite takes it', () => {
    ours();
    rmSync(`${file}-wal`, { force: true });
    expect(() => migrate(file)).not.toThrow();
  });
});

describe('the folder', () => {
  it('in which this account may not write', () => {
    ours();
    chmodSync(dataDir, 0o555);
    const before = footprint();
    expect(start(isRoot ? { uid: NOBODY } : {})).toMatch(/no permission.*TRESEN_DATA_DIR/);
    expect(footprint()).toEqual(before);
  });

  it('that cannot be created', () => {
    appendFileSync(file, 'x');
    expect(() => lockDataDir(join(file, 'data'))).toThrow(StartRefused);
    expect(() => lockDataDir(join(file, 'data'))).toThrow(/it is not a folder.*TRESEN_DATA_DIR/);
  });

  it('that another Tresen works on (F24)', async () => {
    const other = await hold(`globalThis.lock = lockDataDir(${JSON.stringify(dataDir)});`);
    refusedUntouched(/Another Tresen already works on/);
    await other.release();
    lockDataDir(dataDir).release();
  });

  it('whose lock file is a folder', () => {
    mkdirSync(join(dataDir, 'instance.lock'));
    expect(start()).toMatch(/instance.lock in .* cannot be used. Remove it/);
  });
});

describe('the file system', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB2', 0xfe534d42],
    ['CIFS', 0xff534d42 | 0],
    ['FUSE', 0x65735546],
    ['9P', 0x01021997],
    ['Ceph', 0x00c36400],
  ])('%s is refused before anything is created', (name, magic) => {
    const wanted = join(dataDir, 'not', 'there', 'yet');
    const asked: string[] = [];
    const typeOf = (path: string): number => {
      asked.push(path);
      return magic;
    };
    expect(() => guardFileSystem(wanted, typeOf)).toThrow(StartRefused);
    expect(() => guardFileSystem(wanted, typeOf)).toThrow(
      new RegExp(`of type ${name}.*TRESEN_DATA_DIR`),
    );
    expect(asked[0]).toBe(dataDir);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([
    ['container layer', 0x794c7630],
    ['memory', 0x01021994],
    [undefined, 0xef53],
  ])('is told as passing: %s', (passing, magic) => {
    expect(guardFileSystem(dataDir, () => magic)).toBe(passing);
  });

  it('is asked for really: shared memory is told as memory', () => {
    expect(guardFileSystem('/dev/shm')).toBe('memory');
  });
});

describe('the settings of the database', () => {
  it.each([
    ['no WAL', ':memory:', ''],
    ['no full sync', undefined, 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL'],
    ['no WAL on this system', undefined, 'PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL'],
  ])('%s is refused (G1)', (_name, where, sql) => {
    const db = new DatabaseSync(where ?? file);
    db.exec(sql);
    expect(() => assertDurable(db, file)).toThrow(/does not allow WAL with full sync/);
    db.close();
  });

  it('a log that cannot be created is refused in words', () => {
    ours();
    mkdirSync(`${file}-shm`);
    expect(start()).toMatch(/tresen.db cannot be (written|opened). .* permission/);
  });
});
