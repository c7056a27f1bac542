/**
 * Proof that the power-cut shim can see a loss at all: a plain SQLite writer with FULL and with
 * NORMAL is cut off at a random moment, and what it had acked is counted in what the disk holds.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CutKind, createDisk } from './power-cut.ts';

export type Loss = { acked: number; lost: number; integrity: string };

const RUNS_MIN_MS = 300;
const RUNS_MAX_MS = 900;

/** @returns what the writer had acked and what of it is not there after the cut */
export async function cutRowWriter(
  synchronous: 'FULL' | 'NORMAL',
  kind: CutKind,
  chance: () => number,
): Promise<Loss> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-rows-'));
  const disk = createDisk(dataDir);
  try {
    const file = join(dataDir, 'rows.db');
    const script = join(import.meta.dirname, 'row-writer.ts');
    const writer = spawn(process.execPath, [script, file, synchronous], {
      env: { PATH: process.env['PATH'] ?? '', ...disk.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    writer.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    const ended = new Promise((resolve) => writer.once('close', resolve));
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    const runs = RUNS_MIN_MS + chance() * (RUNS_MAX_MS - RUNS_MIN_MS);
    await new Promise((resolve) => setTimeout(resolve, runs));
    writer.kill('SIGKILL');
    await ended;
    const acked = Number(printed.trimEnd().split('\n').at(-1));
    disk.cut(kind, chance);
    return { acked, ...countRows(file, acked) };
  } finally {
    disk.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function countRows(file: string, acked: number): { lost: number; integrity: string } {
  const db = new DatabaseSync(file);
  try {
    const { integrity_check: integrity } = db.prepare('PRAGMA integrity_check').get() ?? {};
    const select = "SELECT count(*) AS n FROM sqlite_master WHERE name = 'rows'";
    const isThere = db.prepare(select).get()?.['n'] === 1;
    if (!isThere) return { lost: acked, integrity: String(integrity) };
    const found = db.prepare('SELECT count(*) AS n FROM rows WHERE n <= ?').get(acked);
    return { lost: acked - Number(found?.['n']), integrity: String(integrity) };
  } finally {
    db.close();
  }
}
