/**
 * F12: many agents' consoles watch busy conversations and stop reading, while others write.
 * Each is closed with 4008 when too much waits for it (G6), the server's memory stays bounded, the
 * others go on; when they read again they resume and hold everything (G4).
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SOCKET_BUFFER_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { PROTOCOL_VERSION } from '#core/protocol/frames.ts';
import { createTally, type Fault } from './support/fault.ts';
import type { History } from './support/history.ts';
import { createPerson, type Person } from './support/person.ts';
import { startTrial, type Trial } from './support/trial.ts';

const READERS = 30;
const READERS_FULL = 200;
const CONTACTS = 4;
const CONVERSATIONS = 2;
const TEXT_LENGTH = 3_900;
const WARM_UP_MS = 1_500;
const ALL_CLOSED_WITHIN_MS = 60_000;
const BACK_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;
const MESSAGES_WITHIN_MS = 3_600_000;
/** Beside the buffers: what a busy server's heap swings by, and frames on their way to them. */
const ALLOWANCE_BYTES = 96 * 1024 * 1024;
/** The line was cut, because the reader did not take the close frame either. */
const CUT = 1006;

export const fault: Fault = {
  id: 'F12',
  title: 'slow readers',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const count = full ? READERS_FULL : READERS;
    const tally = createTally();
    const trial = await startTrial({
      seed,
      contacts: CONTACTS,
      conversations: CONVERSATIONS,
      messagesMax: Number.POSITIVE_INFINITY,
      agents: 1,
      // Its memory is none of what is measured here.
      server: { untilBot: true },
      text: (name, conversation, n) =>
        `${name} in ${conversation} Nummer ${n} `.padEnd(TEXT_LENGTH, 'lang und breit '),
    });
    const readers = startReaders(trial, count);
    try {
      await pause(WARM_UP_MS);
      // While nothing comes: the more a reader has read, the more the kernel keeps for him later.
      trial.fleet.hold();
      const before = trial.history.invocations().size;
      await trial.fleet.until(() => readers.every(isLive), 'not all are there', BACK_WITHIN_MS);
      const memory = watchMemory(trial.server().pid());
      const codes = stopReading(readers);
      tally.struck();
      const started = performance.now();
      trial.fleet.resume();
      while ((await closedAsSlow(trial)) < count) {
        if (performance.now() - started > ALL_CLOSED_WITHIN_MS) break;
        await pause(LOOK_EVERY_MS);
      }
      const closed = await closedAsSlow(trial);
      const closedMs = Math.round(performance.now() - started);
      trial.fleet.hold();
      const grown = memory.stop();
      const calmMs = ackTimes(trial.history, 0, before);
      const busyMs = ackTimes(trial.history, before);
      say(`${closed} closed in ${closedMs} ms, memory grew by ${mebibytes(grown)} MiB`);
      for (const socket of readers.flatMap((reader) => [...reader.sockets()])) socket.resume();
      const resumed = performance.now();
      const isBack = (): boolean => readers.every((reader) => isCurrent(reader, trial.history));
      await trial.fleet.until(isBack, 'a slow reader does not catch up', BACK_WITHIN_MS);
      tally.recovered(performance.now() - resumed);
      for (const reader of readers) {
        reader.record(false);
        reader.close();
      }
      trial.fleet.resume();
      await trial.fleet.untilAcked(messages, MESSAGES_WITHIN_MS);
      const limit = count * SOCKET_BUFFER_MAX_BYTES + ALLOWANCE_BYTES;
      tally.must(`each of ${count} was closed as slow (${closed})`, closed >= count);
      tally.must(`and learnt it as 4008 or a cut line (${spread(codes)})`, areSlow(codes, count));
      tally.must(`memory grew by at most ${mebibytes(limit)} MiB`, grown <= limit);
      tally.add(await trial.judge());
      return tally.outcome(
        `${closed} readers closed in ${closedMs} ms; memory +${mebibytes(grown)} MiB; others' ack ` +
          `p50/p99 ${calmMs} ms before, ${busyMs} ms meanwhile`,
      );
    } finally {
      for (const reader of readers) reader.close();
      await trial.end();
    }
  },
};

function startReaders(trial: Trial, count: number): Person[] {
  const [cookie = ''] = trial.cookies;
  const all = [...trial.fleet.contacts()].flatMap((contact) => contact.conversations());
  return Array.from({ length: count }, (_, i) => {
    const watch = (): void => {
      for (const conversation of all) {
        const after = reader.views().get(conversation)?.state.seq ?? 0;
        reader.send({ t: 'watch', conversation, after });
      }
    };
    const reader = createPerson({
      name: `reader-${i}`,
      role: 'agent',
      address: `${trial.server().url.replace(/^http/, 'ws')}/socket`,
      history: trial.history,
      random: () => i / count,
      headers: { cookie },
      wants: (conversation) => all.includes(conversation),
      hello: () => ({ t: 'hello', protocol: PROTOCOL_VERSION, as: 'agent' }),
      onFrame: (frame) => {
        if (frame.t === 'refusal' && frame.code === 'not_found') setTimeout(watch, LOOK_EVERY_MS);
      },
      onStatus: (status) => {
        if (status === 'live') watch();
      },
    });
    return reader;
  });
}

const isLive = (reader: Person): boolean => reader.status() === 'live';

const isCurrent = (reader: Person, history: History): boolean =>
  reader.views().ids().length === CONTACTS * CONVERSATIONS &&
  reader
    .views()
    .ids()
    .every((id) => reader.views().get(id)?.state.seq === history.reached().get(id));

/** @returns the close codes, filled in as they are heard */
function stopReading(readers: readonly Person[]): number[] {
  const codes: number[] = [];
  for (const socket of readers.flatMap((reader) => [...reader.sockets()])) {
    socket.once('close', (code) => codes.push(code));
    socket.pause();
  }
  return codes;
}

const areSlow = (codes: readonly number[], count: number): boolean =>
  codes.length >= count && codes.every((code) => code === CLOSE.slow_reader_resume || code === CUT);

function spread(codes: readonly number[]): string {
  const of = (code: number): number => codes.filter((one) => one === code).length;
  return [...new Set(codes)].map((code) => `${of(code)} × ${code}`).join(', ');
}

/** As the server itself counts it. */
async function closedAsSlow(trial: Trial): Promise<number> {
  const text = await (await fetch(`${trial.server().url}/metrics`)).text();
  const line = new RegExp(`closed\\w*\\{code="${CLOSE.slow_reader_resume}"\\} (\\d+)`);
  return Number(line.exec(text)?.[1] ?? 0);
}

/** Resident memory of a process, looked at all the time; `stop` gives the growth in bytes. */
function watchMemory(pid: number): { stop(): number } {
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  const before = resident();
  let most = before;
  const look = (): void => {
    most = Math.max(most, resident());
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return most - before;
    },
  };
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** @returns p50 and p99 of what was written from the `from`-th to before the `to`-th message */
function ackTimes(history: History, from: number, to?: number): string {
  const times = [...history.invocations().values()]
    .slice(from, to)
    .flatMap(({ outcome }) => (outcome.is === 'ok' ? [outcome.ms] : []))
    .sort((a, b) => a - b);
  const at = (part: number): number => Math.round(times[Math.floor(times.length * part)] ?? 0);
  return `${at(0.5)}/${at(0.99)}`;
}
