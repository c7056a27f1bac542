/**
 * Person to person: acknowledged after the fsync and delivered to the agent, beside peers in the
 * same run, in turns, by the same generator: an echo of the same socket library that stores
 * nothing; SQLite alone; Redis with `appendfsync always`; socket.io storing the same rows.
 * Limits: the issue "Nothing lost" and its scenario S2. Every ratio is the median of the rounds'
 * ratios, so that a machine that drifts moves both sides.
 */
import { parseArgs } from 'node:util';
import { signUpAgent } from '#test/support/server.ts';
import { type Counted, countSystemCalls } from './support/counted.ts';
import { reportOf } from './support/durable-report.ts';
import { generate, type Observed } from './support/generate.ts';
import type { LoadResult } from './support/jobs.ts';
import { durableText } from './support/load-durable.ts';
import { createSqlitePeer } from './support/peer-sqlite.ts';
import { type Peer, redisBenchmark, startRedis, startSocketIo } from './support/peers.ts';
import { commandText, newId } from './support/person.ts';
import { growth, lastOf } from './support/prometheus.ts';
import type { Report } from './support/report.ts';
import { startTresen, type Tresen } from './support/tresen.ts';
import {
  type EchoServer,
  fdatasyncMs,
  readYardsticks,
  startEchoServer,
  yardstickNotes,
} from './support/yardsticks.ts';

const TEXT_LENGTH = 200;
const CONTACTS_PER_AGENT = 16;
const WARM_UP_MS = 500;
const COUNTED_MESSAGES = 10_000;
/** What the loop's monitor waits between two looks and adds to each figure; metrics.ts sets it. */
const LAG_RESOLUTION_MS = 10;
/** From here on a loop turn brings enough messages that sharing a transaction shows. */
const SHARED_FROM = 64;
const BENCHMARK_REQUESTS = 30_000;

export type Setting = { connections: number; agents: number; inFlight: number };
export const PEERS = ['echo', 'sqlite', 'redis', 'socket.io', 'socket.io/turn'] as const;
export type PeerName = (typeof PEERS)[number];
export type Round = {
  perSecond: number;
  ackP50: number;
  ackP99: number;
  deliveredP50: number;
  deliveredP99: number;
  commitsPer1000: number;
  eventsPerSecond: number;
  lagP99: number;
  /** Write calls of the main thread per 1 000 frames: those to sockets, and its wake-ups. */
  writesPer1000: number;
  /** How many connections hear of one message, in any frame: agents' lists have their price. */
  framesPerMessage: number;
  ackToSync: number;
  generatorCpu: number;
  serverCpu: number;
  peers: Partial<Record<PeerName, number>>;
};
export type Measured = { setting: Setting; rounds: Round[]; windows: Observed[] };
type House = {
  tresen: Tresen;
  cookie: string;
  echo: EchoServer;
  sqlite: ReturnType<typeof createSqlitePeer>;
  redis: Peer | undefined;
  socketIo: Peer;
  socketIoTurn: Peer;
  measureMs: number;
};

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      settings: { type: 'string', default: '1x1,64x1,64x16,1000x1' },
      agents: { type: 'string' },
      peers: { type: 'string', default: PEERS.join(',') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      socket: { type: 'string', default: 'auto' },
      messages: { type: 'string', default: String(COUNTED_MESSAGES) },
    },
  });
  const settings = values.settings.split(',').map((text) => settingOf(text, values.agents));
  const asked = new Set(values.peers.split(','));
  const unknown = [...asked].filter((name) => name !== 'none' && !PEERS.includes(name as PeerName));
  if (unknown.length > 0) throw new Error(`unknown peers: ${unknown.join(', ')}`);
  const rounds = Number(values.rounds);
  const house = await openHouse(values.socket, Number(values.seconds) * 1_000);
  try {
    const { echo, tresen, redis } = house;
    const first = await readYardsticks(echo);
    const measured = settings.map((setting): Measured => ({ setting, rounds: [], windows: [] }));
    for (let round = 0; round < rounds; round++) {
      for (const entry of measured) await measure(house, entry, asked);
    }
    const last = await readYardsticks(echo);
    const isRedisThere = redis !== undefined;
    const notes = [
      `Texts of ${TEXT_LENGTH} bytes; ${tresen.library}; medians of ${rounds} rounds of ` +
        `${values.seconds} s, Tresen and peers in turns; milliseconds.`,
      ...(asked.has('redis') && !isRedisThere ? ['**No redis-server on this machine.**'] : []),
      ...(asked.has('redis') && redis ? await benchmarkNotes(redis, settings) : []),
      ...yardstickNotes(first, last),
    ];
    await closeHouse(house);
    const counted = await count(settings, values.socket, Number(values.messages));
    return reportOf({ measured, notes, yardsticks: { first, last }, counted });
  } finally {
    await closeHouse(house);
  }
}

function settingOf(text: string, agents: string | undefined): Setting {
  const [, connections, inFlight] = /^(\d+)[x×](\d+)$/.exec(text.trim()) ?? [];
  if (connections === undefined) throw new Error(`"${text}" is no setting; write 64x16`);
  const count = Number(connections);
  return {
    connections: count,
    inFlight: Number(inFlight),
    agents: Number(agents ?? Math.ceil(count / CONTACTS_PER_AGENT)),
  };
}

async function openHouse(socket: string, measureMs: number): Promise<House> {
  const tresen = await startTresen({ socket, untilBot: true });
  const { cookie } = await signUpAgent(tresen);
  return {
    tresen,
    cookie,
    echo: await startEchoServer(tresen.library),
    sqlite: createSqlitePeer(),
    redis: await startRedis(),
    socketIo: await startSocketIo('each'),
    socketIoTurn: await startSocketIo('turn'),
    measureMs,
  };
}

const closed = new WeakSet<House>();

/** Twice means once. */
async function closeHouse(house: House): Promise<void> {
  if (closed.has(house)) return;
  closed.add(house);
  house.echo.stop();
  house.sqlite.stop();
  await Promise.all([house.redis?.stop(), house.socketIo.stop(), house.socketIoTurn.stop()]);
  await house.tresen.stop();
}

/** One round of one setting: Tresen, then every peer that was asked for. */
async function measure(house: House, entry: Measured, asked: Set<string>): Promise<void> {
  const { tresen, cookie, measureMs } = house;
  const { setting } = entry;
  const syncBefore = fdatasyncMs();
  const writes: number[] = [];
  const window = { warmUpMs: WARM_UP_MS, measureMs };
  const job = { load: 'durable', at: tresen.at, cookie, textLength: TEXT_LENGTH } as const;
  const durable = await generate({ ...job, ...setting, ...window }, tresen.url, () =>
    writes.push(tresen.mainThreadWrites()),
  );
  const syncMs = (syncBefore + fdatasyncMs()) / 2;
  entry.windows.push(durable);
  const peers: Round['peers'] = {};
  let generatorCpu = durable.cpuShare;
  for (const name of PEERS) {
    if (!asked.has(name) || !isWorthwhile(name, setting)) continue;
    const result = await peerOf(name, house, setting);
    if (result === undefined) continue;
    peers[name] = result.perSecond;
    generatorCpu = Math.max(generatorCpu, result.cpuShare ?? 0);
    if (result.missing) throw new Error(`${name}: ${result.missing} messages did not arrive`);
  }
  const { before, after } = durable;
  const messages = growth(before, after, 'tresen_messages_total');
  const lag = lastOf(after, 'nodejs_eventloop_lag_p99_seconds') * 1_000;
  entry.rounds.push({
    perSecond: durable.perSecond,
    ackP50: durable.ack.p50,
    ackP99: durable.ack.p99,
    deliveredP50: durable.delivered.p50,
    deliveredP99: durable.delivered.p99,
    commitsPer1000: (growth(before, after, 'tresen_commits_total') / messages) * 1_000,
    // The counters are read a moment after the window; their share is what they tell.
    eventsPerSecond: (growth(before, after, 'tresen_events_total') / messages) * durable.perSecond,
    // Reading /metrics starts the monitor anew: this is the window and nothing else.
    lagP99: Math.max(0, lag - LAG_RESOLUTION_MS),
    writesPer1000: (((writes[1] ?? 0) - (writes[0] ?? 0)) / (durable.frames ?? 0)) * 1_000,
    framesPerMessage: (durable.frames ?? Number.NaN) / durable.ack.count,
    ackToSync: durable.ack.p50 / syncMs,
    generatorCpu,
    serverCpu: durable.serverCpu,
    peers,
  });
}

/** A tuned socket.io server differs only where a loop turn brings many messages. */
const isWorthwhile = (name: PeerName, { connections, inFlight }: Setting): boolean =>
  name !== 'socket.io/turn' || connections * inFlight > SHARED_FROM;

type PeerResult = { perSecond: number; cpuShare?: number; missing?: LoadResult['missing'] };

async function peerOf(
  name: PeerName,
  house: House,
  setting: Setting,
): Promise<PeerResult | undefined> {
  const { echo, sqlite, redis, measureMs } = house;
  const window = { warmUpMs: WARM_UP_MS, measureMs };
  const same = { textLength: TEXT_LENGTH, ...setting };
  switch (name) {
    case 'echo': {
      const at = { port: echo.ports.socket, path: '/socket' };
      return generate({ load: 'echo', at, size: commandBytes(), ...setting, ...window });
    }
    case 'sqlite':
      return sqlite.run({ ...same, measureMs: measureMs / 2 });
    case 'redis':
      return redis && generate({ load: 'redis', at: redis, ...same, ...window });
    case 'socket.io':
      return generate({ load: 'socket.io', at: house.socketIo, ...same, ...window });
    case 'socket.io/turn':
      return generate({ load: 'socket.io', at: house.socketIoTurn, ...same, ...window });
  }
}

const commandBytes = (): number => {
  const text = durableText(TEXT_LENGTH);
  const conversation = newId();
  return Buffer.byteLength(commandText(newId(), { type: 'message.send', conversation, text }));
};

/** A remark, no must: its generator in C leaves more of the machine to Redis than ours to us. */
async function benchmarkNotes(redis: Peer, settings: readonly Setting[]): Promise<string[]> {
  const found: string[] = [];
  for (const { connections, inFlight } of settings.filter((each) => each.connections === 64)) {
    const requests = BENCHMARK_REQUESTS * (inFlight > 1 ? 4 : 1);
    const load = { connections, inFlight, bytes: commandBytes(), requests };
    const perSecond = await redisBenchmark(redis.port, load);
    if (perSecond !== undefined) {
      found.push(`${connections} × ${inFlight}: ${Math.round(perSecond)}/s`);
    }
  }
  if (found.length === 0) return [];
  return [`The same XADD by redis-benchmark, a generator in C: ${found.join(', ')}.`];
}

/** In a pass of its own, because tracing slows down; of the fullest setting of 64 connections. */
async function count(
  settings: readonly Setting[],
  socket: string,
  messages: number,
): Promise<Counted | undefined> {
  const fullest = settings
    .filter((each) => each.connections === 64)
    .sort((a, b) => b.inFlight - a.inFlight)[0];
  if (fullest === undefined || messages === 0) return undefined;
  return countSystemCalls({ ...fullest, messages, socket });
}
