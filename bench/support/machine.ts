/**
 * The machine that a figure belongs to, and how busy it was with other things meanwhile.
 * Linux only, like the product.
 */
import { statfsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

const TMPFS = 0x01021994;
const OVERLAY = 0x794c7630;
const FILE_SYSTEMS: Record<number, string> = {
  [TMPFS]: 'tmpfs',
  [OVERLAY]: 'overlay',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
};

/** Where a data folder lies decides what an fsync costs: on tmpfs nothing. */
export function fileSystem(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`;
}

export const machineFacts = (folder: string) => ({
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  sqlite: process.versions['sqlite'] ?? 'unknown',
  fileSystem: fileSystem(folder),
  loadBefore: loadavg()[0] ?? Number.NaN,
});

export type MachineFacts = ReturnType<typeof machineFacts>;

export const machineLine = (facts: MachineFacts): string =>
  [
    facts.date.slice(0, 10),
    `${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB`,
    `Linux ${facts.kernel}`,
    `Node ${facts.node}`,
    `SQLite ${facts.sqlite}`,
    `data on ${facts.fileSystem}`,
    `load ${facts.loadBefore.toFixed(2)} before`,
  ].join(' · ');

/** CPU seconds that the whole machine has worked since it started. */
export const machineCpuSeconds = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) /
  1_000;

/** CPU seconds of this process, all its threads. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
