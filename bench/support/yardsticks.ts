/**
 * What the machine can do at best, taken first and last in every run: an fdatasync, a round trip.
 * When they drift apart the machine was not the same machine all the time.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EchoPorts } from './echo-server.ts';
import { generate } from './generate.ts';
import { drift, percentile } from './percentile.ts';
import { number } from './report.ts';

export type Yardsticks = { fdatasyncMs: number; echoPerSecond: number };
export type EchoServer = Awaited<ReturnType<typeof startEchoServer>>;

const DRIFT_MAX = 0.15;
const BLOCK_BYTES = 4_096;
const SYNCS = 400;
const ECHO = { connections: 64, inFlight: 1, size: 320, warmUpMs: 500, measureMs: 1_500 };

/** Median of appending 4 KiB and making it durable, in the folder that data folders go to. */
export function fdatasyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'tresen-bench-'));
  const file = openSync(join(folder, 'yardstick'), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const samples = new Float64Array(SYNCS);
  for (let i = 0; i < SYNCS; i++) {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    samples[i] = performance.now() - started;
  }
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return percentile(samples.sort(), 0.5);
}

/** @param library WebSocket library of the server under test: the echo uses the same one */
export async function startEchoServer(library: string) {
  const child: ChildProcess = fork(join(import.meta.dirname, 'echo-server.ts'), [library], {
    stdio: 'inherit',
  });
  const ports = await new Promise<EchoPorts>((resolve, reject) => {
    child.once('message', (message) => resolve(message as EchoPorts));
    child.once('exit', (code) => reject(new Error(`the echo server ended with ${code}`)));
  });
  return Object.freeze({ ports, stop: () => child.disconnect() });
}

export async function readYardsticks(echo: EchoServer): Promise<Yardsticks> {
  const syncs = fdatasyncMs();
  const at = { port: echo.ports.tcp, path: '' };
  const { perSecond } = await generate({ load: 'tcp', at, ...ECHO });
  return { fdatasyncMs: syncs, echoPerSecond: perSecond };
}

/** Two sentences for below the table; the second only when the run should be repeated. */
export function yardstickNotes(first: Yardsticks, last: Yardsticks): string[] {
  const drifts = [
    drift(first.fdatasyncMs, last.fdatasyncMs),
    drift(first.echoPerSecond, last.echoPerSecond),
  ];
  const worst = Math.max(...drifts);
  const both = (a: number, b: number): string => `${number(a)} → ${number(b)}`;
  const syncs = both(first.fdatasyncMs, last.fdatasyncMs);
  const echoes = both(first.echoPerSecond, last.echoPerSecond);
  return [
    `Yardsticks first → last: fdatasync of 4 KiB p50 ${syncs} ms, ` +
      `plain TCP echo over ${ECHO.connections} lines ${echoes}/s.`,
    ...(worst > DRIFT_MAX
      ? [`**The yardsticks drifted by ${Math.round(worst * 100)} %: repeat on a quieter machine.**`]
      : []),
  ];
}
