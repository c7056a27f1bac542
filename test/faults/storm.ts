/**
 * F14: thousands of contacts, each with a conversation of his own, lose their lines at the same
 * moment and come back: once with the server still there and the client's own jittered back-off,
 * once after kill -9 with everybody at the door when the next process opens it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

const CONTACTS = 1_000;
const CONTACTS_FULL = 5_000;
/** Each contact writes this often, so that some have words on the way when the line breaks. */
const PAUSE_MS = 1_500;
const RUNS_MS = 500;
const ROUNDS = 1;
const ROUNDS_FULL = 5;
const P99_MAX_MS = 10_000;
const WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 10;
const MESSAGES_WITHIN_MS = 3_600_000;

type Return = { p50: number; p99: number; all: number; refusals: string[] };

export const fault: Fault = {
  id: 'F14',
  title: 'reconnect storm',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const tally = createTally();
    const contacts = full ? CONTACTS_FULL : CONTACTS;
    const trial = await startTrial({
      seed,
      contacts,
      conversations: 1,
      messagesMax: Number.POSITIVE_INFINITY,
      backlog: 1,
      pauseMs: PAUSE_MS,
    });
    const remarks: string[] = [];
    try {
      const everybody = trial.fleet.contacts().size + trial.fleet.agents().length;
      const isBack = (): boolean => trial.fleet.live() === everybody;
      await trial.fleet.until(isBack, 'not everybody is connected', WITHIN_MS);
      for (let round = 0; round < (full ? ROUNDS_FULL : ROUNDS); round++) {
        await pause(RUNS_MS);
        const cut = await returnAfterCut(trial, everybody);
        tally.struck();
        await pause(RUNS_MS);
        await trial.server().kill9();
        tally.struck();
        const [killed, ms] = await Promise.all([
          watchReturn(trial, everybody, true),
          trial.restart(),
        ]);
        tally.recovered(ms);
        remarks.push(judgeReturn(tally, 'cut', cut), judgeReturn(tally, 'kill -9', killed));
        say(remarks.slice(-2).join('; '));
      }
      await trial.fleet.untilAcked(messages, MESSAGES_WITHIN_MS);
      tally.add(await trial.judge());
      return tally.outcome(`${contacts} contacts; ${remarks.slice(-2).join('; ')}`);
    } finally {
      await trial.end();
    }
  },
};

/** Every line breaks without a closing handshake; nobody is told to hurry. */
function returnAfterCut(trial: Trial, everybody: number): Promise<Return> {
  for (const person of people(trial)) person.cut();
  return watchReturn(trial, everybody);
}

/**
 * From now, or from when the next process listens, until the last one is welcomed again.
 * @param isEnded the process was killed, and the next one is on its way
 * @returns milliseconds until half, 99 % and all of them were back, and how upgrades were refused
 */
async function watchReturn(trial: Trial, everybody: number, isEnded = false): Promise<Return> {
  const gone = trial.server();
  let started = performance.now();
  const refusals: string[] = [];
  const known = new WeakSet<WebSocket>();
  const reached = { half: 0, most: 0 };
  // Nobody can come back to a process that is not there: time runs from when it listens.
  while (isEnded && trial.server() === gone) await pause(LOOK_EVERY_MS);
  if (isEnded) started = performance.now();
  // A line that has just been cut counts until its end has been heard.
  while (trial.fleet.live() > everybody / 2) await pause(LOOK_EVERY_MS);
  for (;;) {
    for (const socket of people(trial).flatMap((person) => [...person.sockets()])) {
      if (known.has(socket)) continue;
      known.add(socket);
      socket.on('error', ({ message }) => {
        if (message.startsWith('Unexpected server response')) refusals.push(message);
      });
    }
    const live = trial.fleet.live();
    const ms = performance.now() - started;
    if (live >= everybody / 2) reached.half ||= ms;
    if (live >= everybody * 0.99) reached.most ||= ms;
    if (live === everybody) return { p50: reached.half, p99: reached.most, all: ms, refusals };
    if (ms > WITHIN_MS) throw new Error(`${everybody - live} of ${everybody} did not come back`);
    await pause(LOOK_EVERY_MS);
  }
}

const people = ({ fleet }: Trial) => [...fleet.contacts(), ...fleet.agents()];

function judgeReturn(tally: Tally, after: string, { p50, p99, all, refusals }: Return): string {
  tally.must(`99 % back within ${P99_MAX_MS} ms after ${after}`, p99 <= P99_MAX_MS);
  tally.must(`no upgrade refused after ${after} ${refusals.slice(0, 3)}`, refusals.length === 0);
  const times = [p50, p99, all].map((ms) => Math.round(ms));
  return `after ${after} half/99 %/all back in ${times.join('/')} ms`;
}
