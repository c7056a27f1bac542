/**
 * One seed is one world: a server, a network, contacts, agents and an intruder, and what befalls
 * them. After every happening the checkers look; then comes a calm in which everything must heal,
 * and the end, when everybody must see the same truth. Offers that run out do not exist in the
 * product yet, and so not here.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SOCKET_BUFFER_MAX_BYTES } from '#core/platform/limits.ts';
import { createConnection } from '../../web/shared/connection.ts';
import { type ActorDeps, createEnvironments } from './actor.ts';
import { type Chance, createChance } from './chance.ts';
import { copyDatabase, type DiskMood, placeDatabase, renewEpoch } from './disk.ts';
import { createEnding } from './ending.ts';
import { createIntruder } from './intruder.ts';
import { createLookout } from './lookout.ts';
import { createNetwork, type NetworkMood } from './network.ts';
import { createPeople } from './people.ts';
import type { Plant } from './plants.ts';
import { articles, type Server, startServer } from './server.ts';
import type { ThoughtMood } from './thought.ts';
import { createTimeline } from './timeline.ts';
import { createTruth } from './truth.ts';

export type Finding = { rule: string; what: string; step: number; atMs: number };
export type Outcome = {
  seed: number;
  finding: Finding | undefined;
  /** Happenings: frames, timers, commits; each followed by the checks. */
  happened: number;
  events: number;
  acks: number;
  /** How often what happened: faults, closes by code, refusals by code. */
  counts: Record<string, number>;
  simulatedMs: number;
  /** Of everything that happened, in order. */
  hash: string;
};

export type WorldOptions = {
  seed: number;
  steps: number;
  /** An empty folder, used up by this world. */
  folder: string;
  template: string;
  agents: readonly { id: string; name: string; email: string }[];
  plant: Plant;
  onTrace?: (line: string) => void;
};

const FAULTS = [
  'cut',
  'silence',
  'slow',
  'crash',
  'stop',
  'restore',
  'full',
  'fsync',
  'jump',
] as const;
type Fault = (typeof FAULTS)[number];
const DAY_MS = 86_400_000;
const SLOW_BUFFER_BYTES = 1_500;

export function createWorld(options: WorldOptions) {
  const chance = createChance(options.seed);
  const { plant } = options;
  const mood = moodOf(chance);
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let finding: Finding | undefined;
  let step = 0;
  let server: Server | undefined;
  let isStarting = false;
  let backup: string | undefined;
  let isCalm = false;

  const timeline = createTimeline((what) => {
    trace(what);
    return finding !== undefined;
  });
  const truth = createTruth(options.folder, find, (agent) => lookout.isAtDesk(agent));
  const lookout = createLookout(truth, { find, count, elapsed: timeline.elapsed });
  const network = createNetwork({
    timeline,
    chance,
    mood: mood.network,
    server: () => server?.sockets,
    watch: { ...lookout, trace, count },
  });
  const actor: ActorDeps = {
    chance,
    longTexts: mood.longTexts,
    now: timeline.now,
    connect: plant.connect ?? createConnection,
    environment: createEnvironments(timeline, chance, network),
    articles,
    find,
    trace,
  };
  const people = createPeople({
    ...actor,
    ...options,
    timeline,
    server: () => server,
    loosen: truth.loosen,
  });
  const intruder = createIntruder({ chance, network, now: timeline.now, foreign: truth.ids });

  function trace(what: string): void {
    const line = `${timeline.elapsed().toFixed(0)} ${what}`;
    hash.update(line);
    options.onTrace?.(line);
  }

  function count(what: string): void {
    counts[what] = (counts[what] ?? 0) + 1;
  }

  function find(rule: string, what: string): void {
    trace(`FOUND ${rule}: ${what}`);
    finding ??= { rule, what, step, atMs: timeline.elapsed() };
  }

  async function start(): Promise<void> {
    if (server || isStarting) return;
    isStarting = true;
    try {
      server = await startServer({
        dataDir: options.folder,
        timeline,
        chance,
        disk: mood.disk,
        thought: mood.thought,
        isLimited: mood.isLimited,
        longTurns: mood.longTurns,
        workMs: mood.workMs,
        bufferMaxBytes: mood.bufferMaxBytes,
        plant: { writer: plant.writer ?? {}, house: plant.house ?? {} },
        onCommit: truth.read,
        onHeard: truth.heard,
        onFatal: () => {
          timeline.after(0, 'the process ends', () => crash('lost'));
        },
        onTrouble: (what) => find('trouble', what),
        trace,
      });
      trace(`the server runs, epoch ${server.epoch}`);
    } finally {
      isStarting = false;
    }
  }

  /** What was under way is committed unnoticed, or lost. */
  async function crash(fate: 'stored' | 'lost'): Promise<void> {
    const ending = server;
    if (ending === undefined) return;
    server = undefined;
    trace(`the server crashes, its newest writes are ${fate}`);
    await ending.crash(fate);
    const isTold = chance.happens(0.8);
    for (const line of network.held()) line.serverDied(isTold);
  }

  async function stop(): Promise<void> {
    const ending = server;
    if (ending === undefined) return;
    server = undefined;
    trace('the server stops');
    await ending.stop();
    for (const line of network.held()) line.serverDied(true);
  }

  const startLater = (): void => {
    timeline.after(isCalm ? 0 : chance.wait(1_500), 'start', start);
  };

  async function restore(): Promise<void> {
    if (backup === undefined) return;
    await (chance.happens(0.5) ? stop() : crash('lost'));
    truth.close();
    placeDatabase(backup, options.folder);
    if (!plant.keepsEpoch) renewEpoch(options.folder, chance.uuid(timeline.now()));
    truth.reopen();
    count('restored');
    trace(`an old backup is restored, ${lookout.restored()} acks go with it`);
  }

  function makeBackup(): void {
    if (server === undefined) return;
    backup = join(options.folder, 'backup.db');
    copyDatabase(options.folder, backup);
    trace('a backup is made');
  }

  async function befall(fault: Fault): Promise<void> {
    count(`fault ${fault}`);
    trace(`fault: ${fault}`);
    const held = network.held();
    const line = held.length > 0 ? chance.pick(held) : undefined;
    switch (fault) {
      case 'cut':
        return line?.cut(chance.happens(0.5));
      case 'silence':
        return line?.silence(chance.pick(['up', 'down']));
      case 'slow':
        line?.pause();
        timeline.after(chance.wait(20_000), 'reads again', () => line?.resume());
        return;
      case 'crash':
        await crash(chance.pick(['stored', 'lost']));
        return startLater();
      case 'stop':
        await stop();
        return startLater();
      case 'restore':
        if (chance.happens(0.3) || backup === undefined) return makeBackup();
        await restore();
        return startLater();
      case 'full':
        mood.disk.isFull = true;
        timeline.after(chance.wait(6_000), 'room again', () => {
          mood.disk.isFull = false;
        });
        return;
      case 'fsync':
        mood.disk.failsNext = chance.pick(['stored', 'lost']);
        timeline.after(chance.wait(1_500) + 200, 'start', start);
        return;
      case 'jump':
        return timeline.jump(chance.pick([-30 * DAY_MS, -5_000, 5_000, 3_600_000, 30 * DAY_MS]));
    }
  }

  /** One step: somebody does something, or something befalls them; then time passes. */
  async function doSomething(): Promise<boolean> {
    step++;
    const fault = chance.happens(mood.faultShare) ? chance.pick(mood.faults) : undefined;
    if (fault) await befall(fault);
    else if (mood.hasIntruder && chance.happens(0.2)) intruder.act();
    else people.act();
    if (server === undefined && chance.happens(0.05)) startLater();
    const wait = chance.happens(0.04) ? chance.between(4_000, 50_000) : chance.wait(mood.paceMs);
    return timeline.pass(wait);
  }

  /** From now on nothing goes wrong any more. */
  function calm(): void {
    isCalm = true;
    trace('calm');
    Object.assign(mood.network, { stalls: 0, delayMs: Math.min(50, mood.network.delayMs) });
    Object.assign(mood.disk, { isFull: false, busy: 0, failsNext: 'no', commitMs: 5 });
    Object.assign(mood.thought, { fails: 0, hangs: 0 });
    for (const line of network.held()) line.resume();
    startLater();
  }

  /** @returns what was found first, or nothing; and how much was looked at */
  async function run(): Promise<Outcome> {
    placeDatabase(options.template, options.folder);
    try {
      await live();
    } catch (error) {
      find('trouble', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    await (server?.crash('lost') ?? undefined);
    truth.close();
    return {
      seed: options.seed,
      finding,
      happened: timeline.happened(),
      events: truth.events(),
      acks: lookout.acks(),
      counts,
      simulatedMs: timeline.elapsed(),
      hash: hash.digest('hex'),
    };
  }

  async function live(): Promise<void> {
    await start();
    truth.reopen();
    people.arrive();
    while (step < options.steps) if (!(await doSomething())) return;
    calm();
    const ending = createEnding({ timeline, truth, lookout, people, find, server: () => server });
    await ending.run();
  }

  return { run };
}

type Mood = {
  network: NetworkMood;
  disk: DiskMood;
  thought: ThoughtMood;
  isLimited: boolean;
  longTurns: number;
  workMs: number;
  bufferMaxBytes: number;
  hasIntruder: boolean;
  longTexts: number;
  paceMs: number;
  faults: Fault[];
  faultShare: number;
};

/** Every world has its own weather: some faults often, others never. */
function moodOf(chance: Chance): Mood {
  const faults = FAULTS.filter(() => chance.happens(0.4));
  return {
    network: { delayMs: chance.pick([1, 10, 60, 300]), stalls: chance.pick([0, 0, 0.02, 0.1]) },
    disk: {
      commitMs: chance.pick([0, 3, 20, 200]),
      isFull: false,
      busy: chance.pick([0, 0, 0, 0.05]),
      failsNext: 'no',
    },
    thought: {
      thinksMs: chance.pick([2, 50, 700, 3_000]),
      fails: chance.pick([0, 0, 0.2]),
      hangs: chance.pick([0, 0, 0.05]),
      learnsMs: chance.pick([0, 0, 2_000]),
    },
    isLimited: chance.happens(0.7),
    longTurns: chance.pick([0, 0.01, 0.2]),
    workMs: chance.pick([0, 0, 1.5]),
    bufferMaxBytes: chance.pick([SOCKET_BUFFER_MAX_BYTES, SLOW_BUFFER_BYTES]),
    hasIntruder: chance.happens(0.5),
    longTexts: chance.pick([0.02, 0.02, 0.8]),
    paceMs: chance.pick([15, 100, 600]),
    faults: faults.length > 0 ? faults : ['cut'],
    faultShare: chance.pick([0, 0.05, 0.12, 0.25]),
  };
}
