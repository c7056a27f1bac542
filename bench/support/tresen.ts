/**
 * A real Tresen process to be measured: data folder of its own, no rate limits, free ports, and a
 * model that is trained once and kept in `.cache`. Nothing in it is replaced or switched off else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startArguments } from '#test/support/start-flags.ts';
import { sleep } from './pace.ts';
import type { SocketAddress } from './person.ts';

export type Tresen = Awaited<ReturnType<typeof startTresen>>;

export type TresenOptions = {
  /** WebSocket library: ws, uws or auto. */
  socket?: string;
  /** Wait for the bot's model. */
  untilBot: boolean;
  /** A folder of the caller's, which `stop` leaves alone; else a fresh one. */
  dataDir?: string;
  /** A fixed port, so that somebody can knock before the server says where it is. */
  port?: number;
  /** A tracer's command line in front of Node's; it must leave Node our own child (strace -D). */
  tracer?: readonly string[];
};

export const ROOT = join(import.meta.dirname, '../..');
const MODEL_CACHE = join(ROOT, '.cache/bench-model');
const STARTS_WITHIN_MS = 180_000;
const LOOKS_EVERY_MS = 20;

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'tresen-bench-'));

export const removeDataDir = (dataDir: string): void =>
  rmSync(dataDir, { recursive: true, force: true });

/** Only what the server needs: settings of the caller's own Tresen must not leak in. */
export const plainEnvironment = (settings: Record<string, string>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  TRESEN_CONFIG_FILE: '/dev/null',
  ...settings,
});

export async function startTresen(options: TresenOptions) {
  const dataDir = options.dataDir ?? newDataDir();
  const [program = '', ...args] = [
    ...(options.tracer ?? []),
    process.execPath,
    ...startArguments(),
  ];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: plainEnvironment({
      TRESEN_DATA_DIR: dataDir,
      TRESEN_MODEL_DIR: MODEL_CACHE,
      TRESEN_PORT: String(options.port ?? 0),
      TRESEN_SOCKET_PORT: '0',
      TRESEN_SOCKET: options.socket ?? 'auto',
      TRESEN_RATE_LIMITS: 'off',
      TRESEN_LOG_LEVEL: 'warn',
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk).slice(-100_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const tidy = (): void => {
    if (options.dataDir === undefined) removeDataDir(dataDir);
  };
  const onExit = (): void => {
    child.kill('SIGKILL');
    tidy();
  };
  process.once('exit', onExit);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  async function until(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + STARTS_WITHIN_MS;
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (hasEnded() || performance.now() > end) {
        onExit();
        throw new Error(`the server did not print ${pattern}:\n${output}`);
      }
      await sleep(LOOKS_EVERY_MS);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!hasEnded() && child.kill(signal)) await gone;
    process.off('exit', onExit);
    tidy();
  }

  const [, url = ''] = await until(/(http:\/\/localhost:\d+)\//);
  const [, library = '', address = ''] = await until(/WebSocket: +(\S+) on (\S+)/);
  // The link of a fresh folder comes with the last lines; a folder with agents has none.
  await until(/sign-up\/[\w-]+|Bot: /);
  const bot = options.untilBot ? (await until(/Bot: +(\w+)/))[1] : 'not waited for';
  const { port, pathname } = new URL(address, url);

  return Object.freeze({
    url,
    library,
    bot,
    dataDir,
    at: { port: Number(port), path: pathname } satisfies SocketAddress,
    /** Of the link for the first agent; only a fresh folder has one. */
    signUpToken: () => /sign-up\/([\w-]+)/.exec(output)?.[1] ?? '',
    output: () => output,
    /** Resident memory of the whole process, bytes. */
    residentBytes: (): number => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
    },
    /**
     * Write calls of the main thread that the kernel has counted: those to sockets, and one for
     * each time it wakes another thread. The database is written by a thread of its own.
     */
    mainThreadWrites: (): number => {
      const io = readFileSync(`/proc/${child.pid}/task/${child.pid}/io`, 'utf8');
      return Number(/syscw: (\d+)/.exec(io)?.[1]);
    },
    stop: () => end('SIGTERM'),
    /** As a power switch would, except that the page cache survives. */
    kill9: () => end('SIGKILL'),
  });
}
