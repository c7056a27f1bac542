/**
 * Runs one job in a generator of its own and watches the machine meanwhile: what the server says
 * of itself at both ends of the window, and how much CPU others took.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { FromGenerator, Job, Measured } from './jobs.ts';
import { machineCpuSeconds, ownCpuSeconds } from './machine.ts';
import { growth, type Reading, readMetrics } from './prometheus.ts';

/** From here on the generator may be what is measured, not the server. */
export const GENERATOR_CPU_MAX = 0.8;
/** CPU of other programs, in cores, from which on a figure is doubtful. */
export const OTHERS_CPU_MAX = 0.1;

export type Observed = Measured & {
  /** The server's `/metrics` at both ends; empty without a server that has them. */
  before: Reading;
  after: Reading;
  /** Both ends of the window by the clock, milliseconds since 1970. */
  from: number;
  until: number;
  /** In cores: 1 is one core fully used. */
  serverCpu: number;
  othersCpu: number;
};

type Mark = { reading: Reading; machine: number; own: number; at: number; clock: number };

/**
 * @param url of the server whose metrics are read; without it only the generator is watched
 * @param onMark called at the beginning and at the end of the window
 */
export async function generate(
  job: Job,
  url?: string,
  onMark?: (type: 'measuring' | 'measured') => void,
): Promise<Observed> {
  const child = fork(join(import.meta.dirname, 'generator.ts'), { stdio: 'inherit' });
  const marks: Promise<Mark>[] = [];
  const result = await new Promise<Measured>((resolve, reject) => {
    child.on('message', (message: FromGenerator) => {
      if (message.type === 'measuring' || message.type === 'measured') {
        onMark?.(message.type);
        marks.push(mark(url));
      } else if (message.type === 'result') resolve(message.result);
      else reject(new Error(`the load generator failed: ${message.message}`));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
    child.send(job);
  });
  const [before, after] = await Promise.all(marks);
  if (before === undefined || after === undefined) throw new Error('the window was not marked');
  const seconds = (after.at - before.at) / 1_000;
  const cpu = growth(before.reading, after.reading, 'process_cpu_seconds_total');
  const known = cpu + (after.own - before.own) + result.cpuShare * seconds;
  return {
    ...result,
    before: before.reading,
    after: after.reading,
    from: before.clock,
    until: after.clock,
    serverCpu: url === undefined ? Number.NaN : cpu / seconds,
    othersCpu:
      url === undefined
        ? Number.NaN
        : Math.max(0, (after.machine - before.machine - known) / seconds),
  };
}

async function mark(url: string | undefined): Promise<Mark> {
  const at = performance.now();
  const clock = Date.now();
  const machine = machineCpuSeconds();
  const own = ownCpuSeconds();
  const reading = url === undefined ? new Map() : await readMetrics(url);
  return { reading, machine, own, at, clock };
}

/** What makes a window doubtful, for the table; empty when nothing does. */
export function doubts(windows: readonly Observed[]): string[] {
  const busiest = Math.max(...windows.map((window) => window.cpuShare));
  const others = Math.max(0, ...windows.map((w) => w.othersCpu).filter(Number.isFinite));
  const late = Math.max(0, ...windows.map((window) => window.late?.p99 ?? 0));
  return [
    ...(busiest > GENERATOR_CPU_MAX ? [`generator at ${Math.round(busiest * 100)} % CPU`] : []),
    ...(others > OTHERS_CPU_MAX ? [`others took ${others.toFixed(2)} cores`] : []),
    ...(late > 10 ? [`messages left ${late.toFixed(0)} ms late (p99)`] : []),
  ];
}
