/**
 * The process: settings, start, signals, stop in reverse. Prints for people what they need next;
 * everything else goes to the log.
 */

import { createApp } from './app.ts';
import type { BotModel } from './bot/readiness.ts';
import { systemClock } from './platform/clock.ts';
import { ConfigError, readConfig } from './platform/config.ts';
import { createLog, errorFields } from './platform/log.ts';
import { systemRandom } from './platform/random.ts';
import { StartRefused } from './store/sqlite.ts';

/** Longer than this a stop may not take; then the operating system's view is the truth anyway. */
const STOP_WITHIN_MS = 10_000;
/** After a failed write nothing is answered any more; this long the end may take. */
const FATAL_WITHIN_MS = 3_000;
const EXIT_MISTAKE = 2;
const EXIT_DISK = 70;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  // Whoever read our output may go away; the service stays.
  process.stdout.on('error', () => undefined);
  const config = readConfig(process.env);
  const log = createLog({ level: config.TRESEN_LOG_LEVEL });
  process.on('unhandledRejection', (error) => {
    log.error('unhandled rejection', errorFields(error));
    process.exit(1);
  });
  let model: BotModel | undefined;
  const app = await createApp({
    config,
    clock: systemClock,
    random: systemRandom,
    log,
    learn: async (articles, dataDir, take, signal) => {
      // Loaded beside the start: the index and the threads take longer than the rest together.
      const { learnInSteps } = await import('./bot/understanding.ts');
      return learnInSteps({ articles, dataDir, log, clock: systemClock, signal }, take);
    },
    onFatal: (code) => {
      // No ack follows a failed fsync: the writer is silent, the next start recovers from the WAL.
      log.error('the database cannot be written', { code });
      const exit = (): void => process.exit(EXIT_DISK);
      systemClock.after(FATAL_WITHIN_MS, exit);
      // A thread that is torn down inside the model's runtime would abort the process instead.
      Promise.resolve(model?.close()).then(exit, exit);
    },
  });
  model = app.model;
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info('stopping', { signal });
    systemClock.after(STOP_WITHIN_MS, () => process.exit(1));
    app.stop().then(
      () => process.exit(0),
      (error) => {
        log.error('stop failed', errorFields(error));
        process.exit(1);
      },
    );
  };
  // A second signal changes nothing: the stop is under way and has its own time limit.
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));

  say('');
  say(`  Tresen is running:  ${app.url}/            demo shop with the widget`);
  say(`                      ${app.url}/console/    console for agents`);
  const { library, url, why } = app.socket;
  say(`  WebSocket:          ${library} on ${url}${why ? ` (${why})` : ''}`);
  const link = await app.firstSignUp();
  if (link) say(`  First agent, sign up here (one time, 24 hours):\n                      ${link}`);
  log.info('started', { socket: library });
  await app.model.settled();
  say(`  Bot:                ${app.model.readiness()}`);
}

main().catch((error) => {
  const isMistake = error instanceof ConfigError || error instanceof StartRefused;
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  const advice = isTaken ? ' Another program uses this port; set TRESEN_PORT.' : '';
  process.stderr.write(`Tresen cannot start: ${message}${advice}\n`);
  if (!isMistake && !isTaken && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(EXIT_MISTAKE);
});
