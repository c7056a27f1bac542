/**
 * F7: the server's wall clock jumps by 30 days, by an hour and over both changes of summer time,
 * forth and back, while everybody writes. Order comes from the sequence and timers from a clock
 * that never jumps, so nobody is cut off; a sign-in that a jump has ended is closed as such, one
 * that it has not ended stays.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { systemRandom } from '#core/platform/random.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { type Client, connect, newId } from '#test/support/client.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of Central European Time; the jumps lead to half an hour before and after each. */
const SUMMER_BEGINS = Date.UTC(2027, 2, 28, 1);
const SUMMER_ENDS = Date.UTC(2027, 9, 31, 1);
/** Sign-ins end after 12 hours. */
const ENDS_SIGN_INS_MS = 12 * HOUR_MS;
const SETTLES_MS = 200;
const STAYS_MS = 300;
const STAYS_FULL_MS = 3_000;
const MESSAGES_WITHIN_MS = HOUR_MS;

type Jump = { name: string; byMs: (now: number) => number };
const to = (moment: number) => (now: number) => moment - now;
const by = (ms: number) => () => ms;
const BACK: Jump = { name: 'back to now', byMs: by(0) };
const JUMPS: readonly Jump[] = [
  { name: '+30 d', byMs: by(30 * DAY_MS) },
  BACK,
  { name: '-30 d', byMs: by(-30 * DAY_MS) },
  BACK,
  { name: 'before summer time', byMs: to(SUMMER_BEGINS - HOUR_MS / 2) },
  { name: 'after summer time began', byMs: to(SUMMER_BEGINS + HOUR_MS / 2) },
  { name: 'before its end', byMs: to(SUMMER_ENDS - HOUR_MS / 2) },
  { name: 'after its end', byMs: to(SUMMER_ENDS + HOUR_MS / 2) },
  BACK,
];

const JUMPS_FULL: readonly Jump[] = [
  ...JUMPS,
  { name: '+1 h', byMs: by(HOUR_MS) },
  BACK,
  { name: '-1 h', byMs: by(-HOUR_MS) },
  { name: '+1 h', byMs: by(HOUR_MS) },
  BACK,
];

export const fault: Fault = {
  id: 'F7',
  title: 'clock jumps',
  needs: ['faketime'],
  run: async ({ seed, messages, full, say }) => {
    const tally = createTally();
    const folder = mkdtempSync(join(tmpdir(), 'tresen-clock-'));
    const clock = createFakeClock(join(folder, 'offset'));
    const trial = await startTrial({ seed, server: { env: clock.env }, agents: 1 });
    const closed = watchContacts(trial);
    try {
      const jumps = full ? JUMPS_FULL : JUMPS;
      for (const jump of jumps) {
        const started = performance.now();
        const acked = trial.history.nextAck();
        const offset = clock.jump(jump.byMs(Date.now()));
        await pause(SETTLES_MS);
        await acked;
        tally.struck();
        tally.recovered(performance.now() - started - SETTLES_MS);
        const when = `${jump.name}:`;
        tally.must(`${when} the server's clock has jumped`, await isAt(trial, offset));
        await judgeSignIn(trial, tally, when, offset);
        await pause(full ? STAYS_FULL_MS : STAYS_MS);
        judgeAgents(trial, tally, when, offset);
        say(`${jump.name}, ${trial.history.acked()} acked`);
      }
      await judgeFarClient(trial, tally);
      tally.must(`no contact lost the line (${closed.join()})`, closed.length === 0);
      const isWarned = trial.server().output().includes('TimeoutOverflowWarning');
      tally.must('no timer was longer than timers can be', !isWarned);
      await trial.fleet.untilAcked(messages, MESSAGES_WITHIN_MS);
      tally.add(await trial.judge());
      return tally.outcome(`${jumps.length} jumps between -30 and +343 days, Europe/Berlin`);
    } finally {
      await trial.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** libfaketime over a file that it reads at every look at the clock; monotonic clocks stay true. */
function createFakeClock(file: string) {
  const listed = execFileSync('dpkg', ['-L', 'libfaketime'], { encoding: 'utf8' });
  const library = listed.split('\n').find((line) => line.endsWith('/libfaketime.so.1'));
  if (library === undefined) throw new Error('libfaketime.so.1 is missing');
  const jump = (ms: number): number => {
    const seconds = Math.round(ms / 1_000);
    writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    return seconds * 1_000;
  };
  jump(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: 'Europe/Berlin',
  };
  return { env, /** @returns the offset that now holds */ jump };
}

/** @returns close codes of the contacts' lines, filled in as they come; they should not */
function watchContacts(trial: Trial): number[] {
  const codes: number[] = [];
  const known = new WeakSet<WebSocket>();
  for (const contact of trial.fleet.contacts()) {
    for (const socket of contact.sockets()) {
      if (known.has(socket)) continue;
      known.add(socket);
      socket.once('close', (code) => {
        const isStillThere = trial.fleet.contacts().has(contact);
        if (isStillThere && code !== 1000) codes.push(code);
      });
    }
  }
  return codes;
}

async function isAt(trial: Trial, offset: number): Promise<boolean> {
  const contact = await connect(trial.server().url, { as: 'contact' });
  const { now } = contact.welcome();
  contact.close();
  return Math.abs(now - Date.now() - offset) < HOUR_MS / 4;
}

/**
 * A sign-in of just before the first jump: refused, or ended at its next command, when the clock
 * says that it is over, else valid and left alone.
 */
async function judgeSignIn(
  trial: Trial,
  tally: Tally,
  when: string,
  offset: number,
): Promise<void> {
  const [cookie = ''] = trial.cookies;
  const agent = await connect(trial.server().url, { as: 'agent' }, { cookie });
  try {
    await pause(SETTLES_MS);
    if (offset >= ENDS_SIGN_INS_MS) {
      tally.must(`${when} the sign-in is over`, wasRefused(agent));
      return;
    }
    const code = agent.closedWith();
    tally.must(`${when} the sign-in holds (${code ?? 'open'})`, code === undefined);
  } finally {
    agent.cut();
  }
}

/** Those at work meanwhile; one who was signed out loads the page when his sign-in holds again. */
function judgeAgents(trial: Trial, tally: Tally, when: string, offset: number): void {
  const isOver = offset >= ENDS_SIGN_INS_MS;
  for (const agent of trial.fleet.agents()) {
    const isOut = agent.status() !== 'live' && agent.refusedWith() === CLOSE.signed_out;
    if (isOver) tally.must(`${when} an agent at work is signed out`, isOut);
    else if (isOut) agent.reload();
  }
}

const wasRefused = ({ first, closedWith }: Client): boolean =>
  first.t === 'refusal' && first.code === 'sign_in_required' && closedWith() === CLOSE.signed_out;

/** Ids carry the time of the client's clock, which may be a year wrong on either side. */
async function judgeFarClient(trial: Trial, tally: Tally): Promise<void> {
  const { history } = trial;
  const contact = await connect(trial.server().url, { as: 'contact' });
  const conversation = newId();
  await contact.command({ type: 'conversation.open', conversation, language: 'de' });
  await contact.command({ type: 'human.request', conversation });
  for (const years of [1, -1, 0]) {
    const cid = idOf(Date.now() + years * 365 * DAY_MS);
    const text = `von einer Uhr, die um ${years} Jahre falsch geht`;
    history.invoke({ cid, conversation, sender: 'far', kind: 'message.sent', text });
    const answer = await contact.command({ type: 'message.send', conversation, text }, cid);
    if (answer.t === 'ack') history.ok(cid, conversation, answer.seq);
    tally.must(`an id of a clock wrong by ${years} years is stored`, answer.t === 'ack');
  }
  contact.close();
}

const idOf = (now: number): string => systemRandom.uuid(now);
