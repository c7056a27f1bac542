/** Runs a command-line tool of deploy/ as an operator does: a process with its own output. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export type Outcome = { status: number | null; stdout: string; stderr: string };

/** @param within words put before `node`, e.g. of a shell that mounts a small disk first */
export function runTool(
  tool: 'backup' | 'restore',
  args: string[],
  options: { dataDir: string; within?: string[] },
): Promise<Outcome> {
  const words = [...(options.within ?? []), process.execPath, `deploy/${tool}.ts`, ...args];
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], TRESEN_DATA_DIR: options.dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  );
}
