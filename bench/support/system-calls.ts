/**
 * Which system calls a server makes for a number of messages, counted by strace and not timed:
 * tracing slows the server down. Every fsync and fdatasync counts, and every write call whose file
 * is a socket. The timed run reads /proc/<pid>/task/<main thread>/io instead, which costs nothing
 * and counts the wake-ups of other threads with them: an upper bound at full speed.
 * `-D` leaves the server our own child; seccomp lets all other calls run at full speed.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from './person.ts';

export type SystemCalls = { syncs: number; socketWrites: number };

const TRACED = 'write,writev,sendmsg,sendto,sendmmsg,fsync,fdatasync';
/** 0 to 2 of a child are sockets too: Node makes pipes to its children from them. */
const CALL = /^\d+ +(\d+\.\d+) (?:(f(?:data)?sync)\(|(?:write|writev|send\w+)\((\d+)<(socket|TCP))/;
const STANDARD_FILES = 3;
/** strace writes the last lines when its buffer is full or the server has ended. */
const SETTLES_MS = 200;

export function createTrace() {
  const file = join(tmpdir(), `tresen-bench-trace-${newId()}`);
  const flags = ['-D', '-f', '--seccomp-bpf', '-ttt', '-y', '-s', '0', '-qq', '-e', 'signal=none'];
  return Object.freeze({
    /** Goes in front of the server's command line. */
    tracer: ['strace', ...flags, '-e', `trace=${TRACED}`, '-o', file],
    /** After the server has ended. @param from, until milliseconds since 1970 */
    async count(from: number, until: number): Promise<SystemCalls> {
      await sleep(SETTLES_MS);
      return countCalls(readFileSync(file, 'latin1'), from, until);
    },
    remove: () => rmSync(file, { force: true }),
  });
}

/** @param trace lines of `strace -f -ttt -y`; calls that were cut in two count once */
export function countCalls(trace: string, from: number, until: number): SystemCalls {
  const counts = { syncs: 0, socketWrites: 0 };
  for (const line of trace.split('\n')) {
    const [, seconds, sync, descriptor] = CALL.exec(line) ?? [];
    const at = Number(seconds) * 1_000;
    if (seconds === undefined || at < from || at > until) continue;
    if (sync !== undefined) counts.syncs++;
    else if (Number(descriptor) >= STANDARD_FILES) counts.socketWrites++;
  }
  return counts;
}
