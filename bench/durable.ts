/**
 * Person to person: acknowledged after the fsync and delivered to the agent, beside an echo of the
 * same socket library that stores nothing. Both by the same generator, in turns (A-B-A-B).
 */
import { parseArgs } from 'node:util';
import { signUpAgent } from '#test/support/server.ts';
import { doubts, generate, type Observed } from './support/generate.ts';
import { durableText } from './support/load-durable.ts';
import { median, medianOf } from './support/percentile.ts';
import { commandText, newId } from './support/person.ts';
import { growth } from './support/prometheus.ts';
import { number, percent, type Report, type Table } from './support/report.ts';
import { startTresen, type Tresen } from './support/tresen.ts';
import {
  type EchoServer,
  readYardsticks,
  startEchoServer,
  yardstickNotes,
} from './support/yardsticks.ts';

const TEXT_LENGTH = 200;
const CONTACTS_PER_AGENT = 16;
const WARM_UP_MS = 1_000;

type Setting = { connections: number; agents: number; inFlight: number };
type Bench = {
  tresen: Tresen;
  echo: EchoServer;
  cookie: string;
  rounds: number;
  measureMs: number;
};

const FIGURES = [
  'perSecond',
  'ackP50',
  'ackP99',
  'deliveredP50',
  'deliveredP99',
  'commitsPer1000',
  'eventsPerSecond',
  'echoPerSecond',
  'ratio',
  'generatorCpu',
  'serverCpu',
] as const;
type Figures = Record<(typeof FIGURES)[number], number>;
type Measured = { setting: Setting; rounds: Figures[]; windows: Observed[] };

const counts = (list: string): number[] => list.split(',').map(Number);

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: '64' },
      'in-flight': { type: 'string', default: '1,4' },
      agents: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      socket: { type: 'string', default: 'auto' },
    },
  });
  const tresen = await startTresen({ socket: values.socket, untilBot: true });
  const echo = await startEchoServer(tresen.library);
  try {
    const { cookie } = await signUpAgent(tresen);
    const rounds = Number(values.rounds);
    const bench = { tresen, echo, cookie, rounds, measureMs: Number(values.seconds) * 1_000 };
    const first = await readYardsticks(echo);
    const measured: Measured[] = [];
    for (const connections of counts(values.connections)) {
      for (const inFlight of counts(values['in-flight'])) {
        const agents = Number(values.agents ?? Math.ceil(connections / CONTACTS_PER_AGENT));
        measured.push(await measure(bench, { connections, agents, inFlight }));
      }
    }
    const last = await readYardsticks(echo);
    const common = [
      `Texts of ${TEXT_LENGTH} bytes; ${tresen.library}; medians of ${rounds} rounds of ` +
        `${values.seconds} s, Tresen and echo in turns; milliseconds.`,
      ...yardstickNotes(first, last),
    ];
    return reportOf(measured, common, { first, last }, (first.fdatasyncMs + last.fdatasyncMs) / 2);
  } finally {
    echo.stop();
    await tresen.stop();
  }
}

async function measure(bench: Bench, setting: Setting): Promise<Measured> {
  const { tresen, echo, cookie, measureMs } = bench;
  const command = { type: 'message.send', conversation: newId(), text: durableText(TEXT_LENGTH) };
  const size = Buffer.byteLength(commandText(newId(), command as never));
  const window = { warmUpMs: WARM_UP_MS, measureMs };
  const rounds: Figures[] = [];
  const windows: Observed[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const textLength = TEXT_LENGTH;
    const job = { load: 'durable', at: tresen.at, cookie, textLength, ...setting } as const;
    const durable = await generate({ ...job, ...window }, tresen.url);
    const echoAt = { port: echo.ports.socket, path: '/socket' };
    const bare = await generate({ load: 'echo', at: echoAt, size, ...setting, ...window });
    windows.push(durable, bare);
    rounds.push(figuresOf(durable, bare));
  }
  return { setting, rounds, windows };
}

function figuresOf(durable: Observed, echo: Observed): Figures {
  const { before, after } = durable;
  const messages = growth(before, after, 'tresen_messages_total');
  const events = growth(before, after, 'tresen_events_total');
  return {
    perSecond: durable.perSecond,
    ackP50: durable.ack.p50,
    ackP99: durable.ack.p99,
    deliveredP50: durable.delivered.p50,
    deliveredP99: durable.delivered.p99,
    commitsPer1000: (growth(before, after, 'tresen_commits_total') / messages) * 1_000,
    // The counters are read a moment after the window; their share is what they tell.
    eventsPerSecond: (events / messages) * durable.perSecond,
    echoPerSecond: echo.perSecond,
    ratio: durable.perSecond / echo.perSecond,
    generatorCpu: Math.max(durable.cpuShare, echo.cpuShare),
    serverCpu: durable.serverCpu,
  };
}

function reportOf(
  measured: Measured[],
  common: string[],
  yardsticks: unknown,
  syncMs: number,
): Report {
  const rows = measured.map(({ setting, rounds }) => ({ setting, m: medianOf(rounds, FIGURES) }));
  const name = ({ connections, inFlight }: Setting): string => `${connections} × ${inFlight}`;
  const speed: Table = {
    columns: [
      'connections × in flight',
      'acks/s',
      'ack p50',
      'p99',
      'at agent p50',
      'p99',
      'fsyncs/1 000',
      'echo/s',
      'ratio to echo',
    ],
    rows: rows.map(({ setting, m }) => [
      name(setting),
      number(m.perSecond),
      number(m.ackP50),
      number(m.ackP99),
      number(m.deliveredP50),
      number(m.deliveredP99),
      number(m.commitsPer1000),
      number(m.echoPerSecond),
      number(m.ratio),
    ]),
  };
  const conditions: Table = {
    columns: [
      'connections × in flight',
      'agents',
      'events/s',
      'ack p50 ÷ fdatasync',
      'server CPU',
      'generator CPU',
      'doubts',
    ],
    rows: rows.map(({ setting, m }, i) => [
      name(setting),
      String(setting.agents),
      number(m.eventsPerSecond),
      number(m.ackP50 / syncMs),
      percent(m.serverCpu),
      percent(m.generatorCpu),
      doubts(measured[i]?.windows ?? []).join(', ') || 'none',
    ]),
  };
  const windows = measured.flatMap((entry) => entry.windows);
  const refused = windows.reduce((sum, window) => sum + window.refused, 0);
  const missing = windows.reduce((sum, window) => sum + window.missing, 0);
  const waits = median(windows.map((window) => window.seconds));
  return {
    title: 'durable: person to person, acknowledged after fsync',
    tables: [speed, conditions],
    notes: [
      ...common,
      `${refused} refused, ${missing} acknowledged but not delivered: must be 0 and 0.`,
    ],
    figures: {
      yardsticks,
      windowSeconds: waits,
      settings: measured.map(({ setting, rounds }) => ({ ...setting, rounds })),
    },
    isPassed: refused === 0 && missing === 0,
  };
}
