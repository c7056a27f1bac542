/**
 * A real Tresen process on a free port, for tests that need the whole thing: real sockets, real
 * disk, real signals.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startArguments } from './start-flags.ts';

export type Server = Awaited<ReturnType<typeof startServer>>;
export type ServerOptions = {
  /** Kept by the caller when given, else a fresh one that `stop` removes. */
  dataDir?: string;
  port?: number;
  env?: Record<string, string>;
  /** Wait until the bot's model is ready (default true). */
  untilBot?: boolean;
  /** A command and its options before `node`, e.g. a tracer; ends when the server does. */
  wrapper?: readonly string[];
  /** Options of `node` itself. */
  nodeOptions?: readonly string[];
};

const ROOT = join(import.meta.dirname, '../..');
/** A cold machine trains the model first. */
const STARTS_WITHIN_MS = 120_000;

/** Trained once per machine: the same knowledge gives the same model (named by its content). */
const SHARED_MODEL_CACHE = join(ROOT, '.cache/test-model');

/** @throws Error with everything it printed when the server ends before it serves */
export async function startServer(options: ServerOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tresen-test-'));
  const wrapper = options.wrapper ?? [];
  const node = [process.execPath, ...(options.nodeOptions ?? []), ...startArguments()];
  const [command = process.execPath, ...words] = [...wrapper, ...node];
  const child = spawn(command, words, {
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

  const pid = (): number => (wrapper.length > 0 ? innermost(child.pid ?? 0) : (child.pid ?? 0));
  /** The wrapper ends with the server; only the server itself understands a signal. */
  const signal = (name: NodeJS.Signals): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (wrapper.length === 0) child.kill(name);
    else process.kill(pid(), name);
  };

  return Object.freeze({
    url,
    dataDir,
    /** Of the server itself, also behind a wrapper. */
    pid,
    signal,
    child: child as ChildProcess,
    output: () => output,
    exited,
    /** The one-time secret of the printed sign-up link. */
    signUpToken: () => /sign-up\/([\w-]+)/.exec(output)?.[1],
    /** Orderly, and the data with it unless the caller owns them. */
    stop: async () => {
      signal('SIGTERM');
      await exited;
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
    /** As a power switch would, except that the page cache survives. */
    kill9: async () => {
      signal('SIGKILL');
      await exited;
    },
  });
}

/** Follows the only child of each process down to the last. */
function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const child = Number(children[0]);
  return children.length === 1 && child > 0 ? innermost(child) : pid;
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
