/**
 * The simulated server: the production house and the production sockets over simulated time,
 * chance, disk and inference. It can be stopped, crash with everything in memory gone, and start
 * again on what the disk holds.
 */
import { createHouse } from '#core/app.ts';
import { createBotModel } from '#core/bot/readiness.ts';
import { createSocketSet, SOCKET_LIMITS, type SocketSet } from '#core/gateway/websocket/adapter.ts';
import { createPeople, type PeopleDeps } from '#core/gateway/websocket/people.ts';
import { hashToken } from '#core/identity/identity.ts';
import { createKnowledge } from '#core/knowledge/knowledge.ts';
import { loadStarterKnowledge } from '#core/knowledge/starter.ts';
import type { Clock } from '#core/platform/clock.ts';
import { SIGN_IN_MAX_AGE_MS } from '#core/platform/limits.ts';
import type { Log } from '#core/platform/log.ts';
import { openStore } from '#core/store/store.ts';
import type { Chance } from './chance.ts';
import {
  createSimulatedWriter,
  type DiskMood,
  metrics,
  type SimulatedWriter,
  type WriterPlant,
} from './disk.ts';
import { createThought, type ThoughtMood } from './thought.ts';
import type { Timeline } from './timeline.ts';

export type Server = Awaited<ReturnType<typeof startServer>>;

/** What a known bug changes between the store and the gateway (`plants.ts`). */
export type HousePlant = {
  createHouse?: typeof createHouse;
  people?: (deps: PeopleDeps) => PeopleDeps;
};

const starter = loadStarterKnowledge();
const knowledge = createKnowledge({ all: () => starter });
export const articles = knowledge.all().filter(({ kind }) => kind === 'article');

export type ServerDeps = {
  dataDir: string;
  timeline: Timeline;
  chance: Chance;
  disk: DiskMood;
  thought: ThoughtMood;
  isLimited: boolean;
  /** Share of loop turns that something holds up: what waits is refused as busy then. */
  longTurns: number;
  /** What the server's work takes, between two looks at the clock. */
  workMs: number;
  bufferMaxBytes: number;
  plant: { writer: WriterPlant; house: HousePlant };
  onCommit: () => void;
  /** The bot's model was handed this utterance. */
  onHeard: (utterance: string) => void;
  /** The disk failed: the process must end. */
  onFatal: () => void;
  /** Something that must never happen has been logged or thrown. */
  onTrouble: (what: string) => void;
  trace: (what: string) => void;
};

/** @throws what the production start throws */
export async function startServer(deps: ServerDeps) {
  const { timeline, chance } = deps;
  let isAlive = true;
  const clock = atWork(
    timeline.clockOf(() => isAlive, 'server timer'),
    deps.workMs,
  );
  let writer: SimulatedWriter | undefined;
  const store = await openStore({
    dataDir: deps.dataDir,
    clock,
    random: chance,
    metrics,
    onFatal: deps.onFatal,
    createWriter: (options) => {
      const { disk: mood, plant, onCommit, trace } = deps;
      const ports = { timeline, chance, mood, plant: plant.writer, onCommit, trace };
      writer = createSimulatedWriter(options, ports);
      return writer;
    },
  });
  if (writer) writer.isOpening = false;
  const log = createWatchedLog(deps.onTrouble, deps.trace);
  const { thought: mood, onHeard } = deps;
  const thought = createThought({ clock, chance, mood, articles, onHeard });
  const model = createBotModel(async (take) => {
    const ms = deps.thought.learnsMs;
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
    take(thought);
  });
  const ground = { clock, random: chance, log, metrics };
  const { house: plant } = deps.plant;
  const house = (plant.createHouse ?? createHouse)({
    ...ground,
    store,
    knowledge,
    model,
    company: 'Muster-Shop',
    serviceHours: { de: 'Mo–Fr 8–20 Uhr', en: 'Mon–Fri 8 am–8 pm' },
  });
  const peopleDeps = {
    ...ground,
    ...house,
    store,
    isLimited: deps.isLimited,
    admit: () => undefined,
    nextTurn: () =>
      new Promise<void>((resolve) => {
        const ms = chance.happens(deps.longTurns) ? chance.between(100, 1_500) : chance.wait(2);
        timeline.after(ms, 'next turn', () => {
          if (isAlive) resolve();
        });
      }),
  };
  const people = createPeople(plant.people?.(peopleDeps) ?? peopleDeps);
  const limits = { ...SOCKET_LIMITS, bufferMaxBytes: deps.bufferMaxBytes };
  const sockets: SocketSet = createSocketSet(people, limits, (error) =>
    deps.onTrouble(`a socket handler threw ${stackOf(error)}`),
  );
  house.turns.resume();

  /** As HTTP does it after the password was right. @returns the secret, undefined when refused */
  async function signIn(agent: string): Promise<string | undefined> {
    const token = chance.token();
    const now = clock.now();
    const expiresAt = now + SIGN_IN_MAX_AGE_MS;
    const row = { tokenHash: hashToken(token), agent, expiresAt };
    const result = await store.agents.signIn(row, now).catch(() => 'failed');
    return result === 'done' ? token : undefined;
  }

  /** Everything in memory is gone from one moment to the next. */
  async function crash(fate: 'stored' | 'lost'): Promise<void> {
    isAlive = false;
    writer?.die(fate);
    await store.close();
  }

  /** SIGTERM: what was taken in is finished and answered first. */
  async function stop(): Promise<void> {
    house.turns.stop();
    people.stop();
    sockets.closeAll();
    await store.close();
    await new Promise((resolve) => setImmediate(resolve));
    isAlive = false;
  }

  return Object.freeze({ epoch: store.epoch, store, sockets, house, signIn, crash, stop });
}

/** Simulated time stands still within a loop turn; for the server some of it passes at work. */
function atWork(clock: Clock, workMs: number): Clock {
  let last = 0;
  const elapsed = (): number => {
    last = Math.max(clock.elapsed(), last + workMs);
    return last;
  };
  return { ...clock, elapsed };
}

/** Whatever the server logs as an error is a finding: no fault that is simulated excuses one. */
function createWatchedLog(onTrouble: (what: string) => void, trace: (what: string) => void): Log {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (event, fields) => trace(`log: ${event} ${JSON.stringify(fields ?? {})}`),
    error: (event, fields) => onTrouble(`logged ${event} ${JSON.stringify(fields ?? {})}`),
  };
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
