/**
 * A real Tresen process to be measured: data folder of its own, no rate limits, free ports, and a
 * model that is trained once and kept in `.cache`. Nothing in it is replaced or switched off else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketAddress } from './person.ts';

export type Tresen = Awaited<ReturnType<typeof startTresen>>;

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

/**
 * @param socket WebSocket library: ws, uws or auto
 * @param untilBot wait for the bot's model
 */
export async function startTresen(options: { socket?: string; untilBot: boolean }) {
  const dataDir = newDataDir();
  const child = spawn(process.execPath, ['core/main.ts'], {
    cwd: ROOT,
    env: plainEnvironment({
      TRESEN_DATA_DIR: dataDir,
      TRESEN_MODEL_DIR: MODEL_CACHE,
      TRESEN_PORT: '0',
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
  const onExit = (): void => {
    child.kill('SIGKILL');
    removeDataDir(dataDir);
  };
  process.once('exit', onExit);

  async function until(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + STARTS_WITHIN_MS;
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null || performance.now() > end) {
        onExit();
        throw new Error(`the server did not print ${pattern}:\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
    }
  }

  const [, url = ''] = await until(/(http:\/\/localhost:\d+)\//);
  const [, library = '', address = ''] = await until(/WebSocket: +(\S+) on (\S+)/);
  const [, signUpToken = ''] = await until(/sign-up\/([\w-]+)/);
  const bot = options.untilBot ? (await until(/Bot: +(\w+)/))[1] : 'not waited for';
  const { port, pathname } = new URL(address, url);

  return Object.freeze({
    url,
    library,
    bot,
    at: { port: Number(port), path: pathname } satisfies SocketAddress,
    signUpToken: () => signUpToken,
    output: () => output,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGTERM')) await gone;
      removeDataDir(dataDir);
      process.off('exit', onExit);
    },
  });
}
