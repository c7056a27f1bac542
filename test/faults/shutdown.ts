/**
 * F19: SIGTERM while everybody writes, in some rounds twice and then SIGINT. What was acked is on
 * the disk, the process ends with 0 in time, every line is closed with 1001, all come back to the
 * next process; the bot's open turns are taken by it and nobody is handed over because of a stop.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault } from './support/fault.ts';
import { createFleet, type Fleet } from './support/fleet.ts';
import { startTrial, type Trial } from './support/trial.ts';
import { readDatabase } from './support/truth.ts';

const ROUNDS = 3;
const ROUNDS_FULL = 100;
const RUNS_MIN_MS = 300;
const RUNS_MAX_MS = 800;
const ACKED_WITHIN_MS = 3_600_000;
const STOPS_WITHIN_MS = 10_000;
const SECOND_SIGNAL_MAX_MS = 100;
const GOING_AWAY = 1001;
const BOT_CONTACTS = 6;
const BOT_PAUSE_MS = 250;
const BOT_ANSWERS_WITHIN_MS = 30_000;

type Stop = { ms: number; code: number | null; closedWith: Map<number, number> };

export const fault: Fault = {
  id: 'F19',
  title: 'SIGTERM under load',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const random = seeded(seed);
    const tally = createTally();
    const dataDir = mkdtempSync(join(tmpdir(), 'tresen-stop-'));
    const trial = await startTrial({ seed, dataDir });
    const asking = startAsking(trial, seed + 1);
    const stops: Stop[] = [];
    try {
      while (stops.length < (full ? ROUNDS_FULL : ROUNDS)) {
        await pause(RUNS_MIN_MS + random() * (RUNS_MAX_MS - RUNS_MIN_MS));
        const again = stops.length % 2 === 1 ? random() * SECOND_SIGNAL_MAX_MS : undefined;
        stops.push(await stopUnderLoad(trial, asking, again));
        tally.struck();
        tally.recovered(await trial.restart());
        asking.wake();
      }
      say(`${stops.length} stops, ${trial.history.acked()} acked`);
      await trial.fleet.untilAcked(messages, ACKED_WITHIN_MS);
      trial.fleet.hold();
      await asking.calm();
      const isAnswered = (): boolean => waitingForBot(asking) === 0;
      await asking.until(isAnswered, 'the bot owes answers', BOT_ANSWERS_WITHIN_MS);
      await asking.calm();
      asking.record(true);
      asking.close();
      await trial.fleet.calm();
      judgeStops(stops, tally);
      tally.add(await trial.judge());
      judgeHandovers(dataDir, tally);
      const slowest = Math.round(Math.max(...stops.map(({ ms }) => ms)));
      return tally.outcome(`slowest stop ${slowest} ms, every other one with further signals`);
    } finally {
      asking.close();
      await trial.end();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

/** Contacts who talk with the bot, so that turns are under way when the signal comes. */
const startAsking = (trial: Trial, seed: number): Fleet =>
  createFleet({
    url: trial.server().url,
    history: trial.history,
    seed,
    contacts: BOT_CONTACTS,
    conversations: 1,
    backlog: 1,
    pauseMs: BOT_PAUSE_MS,
    wantsPerson: false,
    text: (name, _, n) => `Wo bleibt mein Paket mit der Nummer ${name}-${n}?`,
  });

/** @param againMs when further signals come after the first */
async function stopUnderLoad(trial: Trial, asking: Fleet, againMs?: number): Promise<Stop> {
  const server = trial.server();
  const closedWith = new Map<number, number>();
  const closing = openSockets(trial.fleet, asking).map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.once('close', (code) => {
          closedWith.set(code, (closedWith.get(code) ?? 0) + 1);
          resolve();
        });
      }),
  );
  const started = performance.now();
  server.signal('SIGTERM');
  if (againMs !== undefined) {
    await pause(againMs);
    server.signal('SIGTERM');
    server.signal('SIGINT');
  }
  const code = await server.exited;
  const ms = performance.now() - started;
  await Promise.all(closing);
  return { ms, code, closedWith };
}

const openSockets = (...fleets: Fleet[]) =>
  fleets
    .flatMap((fleet) => [...fleet.contacts(), ...fleet.agents()])
    .filter((person) => person.status() === 'live')
    .flatMap((person) => [...person.sockets()])
    .filter((socket) => socket.readyState === socket.OPEN);

function waitingForBot(asking: Fleet): number {
  const states = [...asking.contacts()].flatMap((contact) =>
    contact.conversations().map((id) => contact.views().get(id)?.state),
  );
  const isDue = (state: (typeof states)[number]): boolean =>
    state?.owner.kind === 'bot' && state.contactSeq > state.answeredSeq;
  return states.filter(isDue).length;
}

function judgeStops(stops: readonly Stop[], tally: ReturnType<typeof createTally>): void {
  const codes = stops.flatMap(({ closedWith }) => [...closedWith.keys()]);
  tally.must(
    `exit code 0 (${[...new Set(stops.map(({ code }) => code))]})`,
    stops.every(({ code }) => code === 0),
  );
  tally.must(
    `stopped within ${STOPS_WITHIN_MS} ms`,
    stops.every(({ ms }) => ms <= STOPS_WITHIN_MS),
  );
  tally.must(
    `every line was closed with 1001 (${[...new Set(codes)]})`,
    codes.length > 0 && codes.every((code) => code === GOING_AWAY),
  );
}

function judgeHandovers(dataDir: string, tally: ReturnType<typeof createTally>): void {
  const events = [...readDatabase(dataDir).events.values()].flat();
  const reasons = events.flatMap(({ body }) =>
    body.type === 'handover.requested' ? [body.reason] : [],
  );
  tally.must(
    `nobody was handed over because of a stop (${reasons.length} hand-overs in all)`,
    reasons.length > 0 && !reasons.includes('bot_unavailable'),
  );
}
