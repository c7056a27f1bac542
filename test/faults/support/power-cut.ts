/**
 * A disk that forgets what was not fsynced: builds the shim (`power-cut.c`), lends it to a process
 * and, once that process is killed, puts into its folder what a disk would hold after a power cut.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECTOR_BYTES = 512;
/** Shared memory of running processes: rebuilt at every start, never on a disk. */
const isVolatile = (name: string): boolean => name.endsWith('-shm');

/** `lost`: all that was not fsynced is gone. `torn`: of each sector chance decides. */
export type CutKind = 'lost' | 'torn';
export type Disk = ReturnType<typeof createDisk>;

/** @param dataDir exists; its files count as being on the disk, also after each `cut` */
export function createDisk(dataDir: string) {
  const work = mkdtempSync(join(tmpdir(), 'tresen-power-cut-'));
  const shim = join(work, 'power-cut.so');
  const shadow = join(work, 'disk');
  const source = join(import.meta.dirname, 'power-cut.c');
  execFileSync('gcc', [
    '-shared',
    '-fPIC',
    '-O2',
    '-Wall',
    '-o',
    shim,
    source,
    '-ldl',
    '-lpthread',
  ]);
  settle();

  /** What lies in the folder is on the disk. */
  function settle(): void {
    rmSync(shadow, { recursive: true, force: true });
    mkdirSync(shadow);
    const names = readdirSync(dataDir).filter((name) => !isVolatile(name));
    const lines = names.map((name) => {
      const id = `${statSync(join(dataDir, name)).ino}-0`;
      copyFileSync(join(dataDir, name), join(shadow, id));
      return `${id} ${name}\n`;
    });
    writeFileSync(join(shadow, 'names'), lines.join(''));
  }

  const contents = (id: string): Buffer => {
    const file = join(shadow, id);
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  };

  /** @returns name → content as after a cut; `chance` decides about each torn sector */
  function afterCut(kind: CutKind, chance: () => number): Map<string, Buffer> {
    const lines = readFileSync(join(shadow, 'names'), 'utf8').split('\n').filter(Boolean);
    const held = new Map(lines.map((line) => line.split(' ') as [string, string]));
    const after = new Map<string, Buffer>();
    for (const [id, name] of held) {
      const live = join(dataDir, name);
      const isSame = existsSync(live) && id.startsWith(`${statSync(live).ino}-`);
      if (isVolatile(name)) continue;
      if (kind === 'lost') after.set(name, contents(id));
      else if (isSame) after.set(name, torn(contents(id), readFileSync(live), chance));
      // Removed or replaced, and the folder was not fsynced: the old name may still be there.
      else if (chance() < 0.5) after.set(name, contents(id));
    }
    if (kind === 'lost') return after;
    for (const name of readdirSync(dataDir).filter((n) => !isVolatile(n) && !after.has(n))) {
      const live = readFileSync(join(dataDir, name));
      if (chance() < 0.5) after.set(name, torn(Buffer.alloc(0), live, chance));
    }
    return after;
  }

  return Object.freeze({
    /** For the process whose writes are watched. */
    env: { LD_PRELOAD: shim, POWER_CUT_DATA: dataDir, POWER_CUT_DISK: shadow },
    /** What lies in the folder counts as being on the disk, e.g. after a run without the shim. */
    settle,
    /**
     * Only after the process was killed.
     * @returns how many bytes were not on the disk
     */
    cut(kind: CutKind, chance: () => number): number {
      const after = afterCut(kind, chance);
      let forgotten = 0;
      for (const name of readdirSync(dataDir)) {
        const live = readFileSync(join(dataDir, name));
        if (!isVolatile(name)) forgotten += difference(live, after.get(name) ?? Buffer.alloc(0));
        rmSync(join(dataDir, name));
      }
      for (const [name, content] of after) writeFileSync(join(dataDir, name), content);
      settle();
      return forgotten;
    },
    remove: (): void => rmSync(work, { recursive: true, force: true }),
  });
}

/** Each sector, and the length, is the old or the new one. */
function torn(old: Buffer, live: Buffer, chance: () => number): Buffer {
  const length = chance() < 0.5 ? old.length : live.length;
  const mixed = Buffer.alloc(length);
  for (let at = 0; at < length; at += SECTOR_BYTES) {
    const from = chance() < 0.5 ? old : live;
    mixed.set(from.subarray(at, Math.min(at + SECTOR_BYTES, length)), at);
  }
  return mixed;
}

function difference(a: Buffer, b: Buffer): number {
  let bytes = Math.abs(a.length - b.length);
  const both = Math.min(a.length, b.length);
  for (let at = 0; at < both; at += SECTOR_BYTES) {
    const end = Math.min(at + SECTOR_BYTES, both);
    if (a.compare(b, at, end, at, end) !== 0) bytes += end - at;
  }
  return bytes;
}
