/**
 * F8 and F9: threads of the real process die while people write: out of memory, by an error, by an
 * exit, ended from outside. Without the inference thread people chat on, the open turn goes to a
 * person and the bot comes back; without the writer no ack can be true, so the process ends with
 * 70 and the next one has everything; the same when the main thread runs out of memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type FaultOptions, type Tally } from './support/fault.ts';
import { createFleet, type Fleet } from './support/fleet.ts';
import { DEATH_NOTE, THREAD_VARIABLE, WAY_VARIABLE, type Way } from './support/thread-trouble.ts';
import { startTrial, type Trial } from './support/trial.ts';
import { readDatabase } from './support/truth.ts';

const PRELOAD = join(import.meta.dirname, 'support/thread-trouble.ts');
/** Of the main thread: what a small container would give it. */
const HEAP = '--max-old-space-size=256';
/** In the file names of the threads. */
const WRITER = 'sqlite-writer';
const INFERENCE = 'piscina';

type Death = { thread: string; way: Way };
const INFERENCE_WAYS: readonly Way[] = ['memory'];
/** Not 'terminate': a thread ended from outside within the runtime takes the process along. */
const INFERENCE_WAYS_FULL: readonly Way[] = ['memory', 'throw', 'exit'];
const ENDS: readonly Death[] = [{ thread: WRITER, way: 'memory' }];
const ENDS_FULL: readonly Death[] = [
  ...(['memory', 'throw', 'exit', 'terminate'] as const).map((way) => ({ thread: WRITER, way })),
  { thread: 'main', way: 'memory' },
];
const EXIT_WRITER = 70;
const STRIKES = 1;
const STRIKES_FULL = 4;
const RUNS_MIN_MS = 300;
const RUNS_MAX_MS = 900;
const ENDS_WITHIN_MS = 30_000;
const BOT_BACK_WITHIN_MS = 30_000;
const MESSAGES_WITHIN_MS = 3_600_000;
const ASKING = 12;
const ASKING_PAUSE_MS = 300;
/** Then the bot is back. */
const ANSWERS = 5;
const ACKED_MEANWHILE = 50;
const LOOK_EVERY_MS = 50;

export const fault: Fault = {
  id: 'F8',
  title: 'worker crash, out of memory',
  needs: [],
  run: async (options) => {
    const tally = createTally();
    const said: string[] = [];
    for (const way of options.full ? INFERENCE_WAYS_FULL : INFERENCE_WAYS) {
      said.push(await crashInference(way, options, tally));
      options.say(said.at(-1) ?? '');
    }
    for (const death of options.full ? ENDS_FULL : ENDS) {
      said.push(await crashProcess(death, options, tally));
      options.say(said.at(-1) ?? '');
    }
    return tally.outcome(said.join('; '));
  },
};

async function trialWith(death: Death, options: FaultOptions, dataDir: string): Promise<Trial> {
  return startTrial({
    seed: options.seed,
    contacts: 6,
    dataDir,
    server: {
      untilBot: true,
      nodeOptions: ['--import', PRELOAD, HEAP],
      env: { [THREAD_VARIABLE]: death.thread, [WAY_VARIABLE]: death.way },
    },
  });
}

/** The process goes on; who was being answered at that moment is given to a person. */
async function crashInference(way: Way, options: FaultOptions, tally: Tally): Promise<string> {
  const random = seeded(options.seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-crash-'));
  const trial = await trialWith({ thread: INFERENCE, way }, options, dataDir);
  const asking = startAsking(trial, options.seed + 1);
  try {
    const { pid, output } = trial.server();
    for (let strike = 0; strike < (options.full ? STRIKES_FULL : STRIKES); strike++) {
      await untilBotAnswers(trial, asking);
      await pause(random() * RUNS_MAX_MS);
      process.kill(pid(), 'SIGUSR2');
      tally.struck();
      const acked = trial.history.acked();
      const dies = trial.server().exited.then((code) => {
        throw new Error(`the process ended with ${code}\n${output()}`);
      });
      const goesOn = trial.fleet.untilAcked(acked + ACKED_MEANWHILE, ENDS_WITHIN_MS);
      await Promise.race([goesOn, dies]);
      // The stop at the end is no death.
      dies.catch(() => undefined);
      tally.recovered(await untilBotAnswers(trial, asking));
    }
    trial.fleet.hold();
    await asking.calm();
    asking.record(true);
    asking.close();
    trial.fleet.resume();
    const part = options.messages / (INFERENCE_WAYS_FULL.length + ENDS_FULL.length);
    await trial.fleet.untilAcked(part, MESSAGES_WITHIN_MS);
    const deaths = output().split(DEATH_NOTE).length - 1;
    tally.must(`${way}: the thread died (${deaths} times)`, deaths > 0);
    const isAlive = trial.server().child.exitCode === null;
    tally.must(`the process lives on after ${way} in the inference thread`, isAlive);
    tally.must(`no error was logged after ${way}`, !output().includes('"level":50'));
    tally.add(await trial.judge());
    const { unavailable, owed } = botTruth(dataDir);
    tally.must(`${way}: a cut off turn went to a person`, unavailable > 0);
    tally.must(`${way}: no message is left that the bot still owes an answer`, owed === 0);
    return `inference ${way}: ${unavailable} conversations given to people`;
  } finally {
    asking.close();
    await trial.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Contacts who ask one question and leave for new ones: nobody takes it back by writing on. */
const startAsking = (trial: Trial, seed: number): Fleet =>
  createFleet({
    url: trial.server().url,
    history: trial.history,
    seed,
    contacts: ASKING,
    conversations: 1,
    messagesMax: 1,
    backlog: 1,
    pauseMs: ASKING_PAUSE_MS,
    wantsPerson: false,
    text: (name, _, n) => `Wo bleibt mein Paket mit der Nummer ${seed}-${name}-${n}?`,
  });

/** @returns milliseconds until the bot has replied to some more of them by what it understood */
async function untilBotAnswers(trial: Trial, asking: Fleet): Promise<number> {
  const started = performance.now();
  const wanted = (await understood(trial)) + ANSWERS;
  while ((await understood(trial)) < wanted) {
    if (performance.now() - started > BOT_BACK_WITHIN_MS) {
      const waiting = `${asking.unanswered()} commands without an answer`;
      throw new Error(`the bot does not come back; ${waiting}\n${trial.server().output()}`);
    }
    await pause(LOOK_EVERY_MS);
  }
  return performance.now() - started;
}

/** Turns that ended with a reply of the model, as the server counts them. */
async function understood(trial: Trial): Promise<number> {
  const text = await (await fetch(`${trial.server().url}/metrics`)).text();
  const turns = text.matchAll(/bot_turn_\w+_count\{decision="(\w+)"\} (\d+)/g);
  return [...turns]
    .filter(([, decision]) => decision !== 'unavailable')
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

function botTruth(dataDir: string): { unavailable: number; owed: number } {
  const { events, conversations } = readDatabase(dataDir);
  const unavailable = [...events.values()]
    .flat()
    .filter(({ body }) => body.type === 'handover.requested' && body.reason === 'bot_unavailable');
  const owed = [...conversations.values()].filter(
    ({ owner, state }) => owner === 'bot' && state.contactSeq > state.answeredSeq,
  );
  return { unavailable: unavailable.length, owed: owed.length };
}

/** The process ends, and says how; the next one has everything that was acked. */
async function crashProcess(death: Death, options: FaultOptions, tally: Tally): Promise<string> {
  const { thread, way } = death;
  const random = seeded(options.seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-crash-'));
  const trial = await trialWith(death, options, dataDir);
  try {
    const ends = new Set<string>();
    let slowest = 0;
    for (let strike = 0; strike < (options.full ? STRIKES_FULL : 1); strike++) {
      await pause(RUNS_MIN_MS + random() * (RUNS_MAX_MS - RUNS_MIN_MS));
      const server = trial.server();
      const started = performance.now();
      process.kill(server.pid(), 'SIGUSR2');
      tally.struck();
      const late = pause(ENDS_WITHIN_MS, 'late' as const, { ref: false });
      const code = await Promise.race([server.exited, late]);
      if (code === 'late') throw new Error(`${thread} ${way}: still there\n${server.output()}`);
      ends.add(`${code ?? server.child.signalCode}`);
      const ms = Math.round(performance.now() - started);
      slowest = Math.max(slowest, ms);
      if (thread === WRITER) tally.must(`${way}: exit code ${code}`, code === EXIT_WRITER);
      tally.recovered(await trial.restart());
    }
    tally.add(await trial.judge());
    return `${thread} ${way}: ended with ${[...ends].join(' and ')} within ${slowest} ms`;
  } finally {
    await trial.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
