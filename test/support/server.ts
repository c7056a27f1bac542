/**
 * A real Tresen process on a free port, for tests that need the whole thing: real sockets, real
 * disk, real signals.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Server = Awaited<ReturnType<typeof startServer>>;

const ROOT = join(import.meta.dirname, '../..');
/** A cold machine trains the model first. */
const STARTS_WITHIN_MS = 120_000;

/** Trained once per machine: the same knowledge gives the same model (named by its content). */
const SHARED_MODEL_CACHE = join(ROOT, '.cache/test-model');

/**
 * @param dataDir kept by the caller when given, else a fresh one that `stop` removes
 * @param untilBot wait until the bot's model is ready (default true)
 */
export async function startServer(
  options: {
    dataDir?: string;
    port?: number;
    env?: Record<string, string>;
    untilBot?: boolean;
  } = {},
) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tresen-test-'));
  const child = spawn(process.execPath, ['core/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      TRESEN_DATA_DIR: dataDir,
      TRESEN_MODEL_DIR: SHARED_MODEL_CACHE,
      TRESEN_PORT: String(options.port ?? 0),
      TRESEN_SOCKET: 'ws',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });

  async function until(pattern: RegExp): Promise<RegExpExecArray> {
    const end = Date.now() + STARTS_WITHIN_MS;
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
        throw new Error(`the server did not print ${pattern}:\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const url = `http://localhost:${(await until(/http:\/\/localhost:(\d+)\//))[1]}`;
  await until(/"msg":"started"/);
  if (options.untilBot ?? true) await until(/Bot: +(ready|unavailable)/);

  return Object.freeze({
    url,
    dataDir,
    child: child as ChildProcess,
    output: () => output,
    exited,
    /** The one-time secret of the printed sign-up link. */
    signUpToken: () => /sign-up\/([\w-]+)/.exec(output)?.[1],
    /** Orderly, and the data with it unless the caller owns them. */
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
    /** As a power switch would, except that the page cache survives. */
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  });
}

/** Signs the first agent up; @returns the Cookie header for `connect` and `fetch` */
export async function signUpAgent(
  server: Pick<Server, 'url' | 'signUpToken'>,
  name = 'Anna Beispiel',
): Promise<{ cookie: string; email: string; password: string }> {
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`;
  const password = 'sicher genug für Tests';
  const response = await fetch(`${server.url}/api/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: server.signUpToken(), name, email, password }),
  });
  if (!response.ok) throw new Error(`sign-up: ${response.status} ${await response.text()}`);
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { cookie, email, password };
}
