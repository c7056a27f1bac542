/**
 * Loaded before the product by `node --import` (F8): lets one chosen worker thread, or the main
 * thread, die on SIGUSR2, as a native fault or a leak would make it die. The product knows nothing
 * of it; the chosen threads only get a memory limit, so that a leak ends them and not the machine.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker, WorkerOptions } from 'node:worker_threads';

/** Part of the file name of the threads that are to die, or `main`. */
export const THREAD_VARIABLE = 'FAULT_THREAD';
export const WAY_VARIABLE = 'FAULT_WAY';
/** Out of memory; an error that nobody catches; `process.exit` in the thread; ended from outside. */
export type Way = 'memory' | 'throw' | 'exit' | 'terminate';

/** Printed when a chosen thread has ended. */
export const DEATH_NOTE = 'a chosen thread has ended';

const CHANNEL = 'fault';
/** In the thread's own argv. */
const CHOSEN = '--chosen-by-fault';
/** Enough for either thread's work. */
const HEAP_MAX_MB = 300;
const LEAK_LENGTH = 100_000;
const EXIT_CODE = 9;

const require = createRequire(import.meta.url);
// The mutable module object: named imports of it are read-only.
const threads = require('node:worker_threads') as typeof import('node:worker_threads');
const thread = process.env[THREAD_VARIABLE];
const way = process.env[WAY_VARIABLE] as Way | undefined;

if (thread !== undefined && way !== undefined) {
  if (threads.isMainThread) watchMain(thread, way);
  else if (process.argv.includes(CHOSEN)) watchThread();
}

function watchMain(wanted: string, how: Way): void {
  const chosen = new Set<Worker>();
  const Real = threads.Worker;
  class Watched extends Real {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const isChosen = String(file).includes(wanted);
      const limited = { argv: [CHOSEN], resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB } };
      super(file, isChosen ? { ...options, ...limited } : options);
      if (!isChosen) return;
      chosen.add(this);
      this.once('exit', () => {
        chosen.delete(this);
        process.stderr.write(`${DEATH_NOTE}\n`);
      });
    }
  }
  threads.Worker = Watched;
  syncBuiltinESMExports();
  const channel = new threads.BroadcastChannel(CHANNEL);
  (channel as unknown as { unref(): void }).unref();
  process.on('SIGUSR2', () => {
    if (wanted === 'main') return die(how);
    if (how !== 'terminate') return channel.postMessage(how);
    for (const worker of chosen) void worker.terminate();
  });
}

function watchThread(): void {
  const channel = new threads.BroadcastChannel(CHANNEL);
  (channel as unknown as { unref(): void }).unref();
  channel.onmessage = (event) => die((event as { data: Way }).data);
}

function die(how: Way): void {
  if (how === 'exit') process.exit(EXIT_CODE);
  if (how === 'throw') throw new Error('a fault was injected');
  const kept: number[][] = [];
  for (;;) kept.push(new Array(LEAK_LENGTH).fill(kept.length));
}
