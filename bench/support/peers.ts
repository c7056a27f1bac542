/** Peers of the durable bench as processes: started, asked where they listen, and stopped. */
import { execFile, fork, spawn } from 'node:child_process';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep } from './pace.ts';
import type { SocketIoMode } from './peer-socket-io.ts';
import { newDataDir, removeDataDir } from './tresen.ts';

export type Peer = { port: number; dataDir: string; stop(): Promise<void> };

const HOST = '127.0.0.1';
const LOOKS_EVERY_MS = 20;
const STARTS_WITHIN_MS = 10_000;

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: HOST });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/**
 * Redis as Debian ships it, every write on disk before its reply. The append-only file is not
 * rewritten during a run, and there are no snapshots: both would only slow it down.
 * @returns undefined when this machine has no redis-server
 */
export async function startRedis(): Promise<Peer | undefined> {
  const dataDir = newDataDir();
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: HOST,
    dir: dataDir,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    'auto-aof-rewrite-percentage': '0',
    loglevel: 'warning',
  };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  let hasEnded = false;
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const onExit = (): void => {
    child.kill('SIGKILL');
    removeDataDir(dataDir);
  };
  process.once('exit', onExit);
  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await gone;
    process.off('exit', onExit);
    removeDataDir(dataDir);
  }
  const end = performance.now() + STARTS_WITHIN_MS;
  while (!(await isOpen(port))) {
    if (hasEnded || performance.now() > end) {
      await stop();
      return undefined;
    }
    await sleep(LOOKS_EVERY_MS);
  }
  return { port, dataDir, stop };
}

/** What Redis's own generator, written in C, gets: requests per second, or undefined without it. */
export async function redisBenchmark(
  port: number,
  setting: { connections: number; inFlight: number; bytes: number; requests: number },
): Promise<number | undefined> {
  const { connections, inFlight, bytes, requests } = setting;
  const flags = ['-p', port, '-c', connections, '-P', inFlight, '-n', requests, '-r', connections];
  const command = ['XADD', 'conversation:__rand_int__', '*', 'message', 'x'.repeat(bytes)];
  try {
    const args = [...flags.map(String), '--csv', ...command];
    const { stdout } = await promisify(execFile)('redis-benchmark', args);
    const perSecond = Number(/","([\d.]+)"/.exec(stdout.split('\n')[1] ?? '')?.[1]);
    return Number.isFinite(perSecond) ? perSecond : undefined;
  } catch {
    return undefined;
  }
}

export async function startSocketIo(mode: SocketIoMode): Promise<Peer> {
  const dataDir = newDataDir();
  const child = fork(join(import.meta.dirname, 'peer-socket-io.ts'), [dataDir, mode], {
    stdio: 'inherit',
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const onExit = (): void => {
    child.kill('SIGKILL');
    removeDataDir(dataDir);
  };
  process.once('exit', onExit);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the socket.io server ended with ${code}`)));
  });
  return {
    port,
    dataDir,
    stop: async () => {
      child.disconnect();
      await gone;
      process.off('exit', onExit);
      removeDataDir(dataDir);
    },
  };
}
