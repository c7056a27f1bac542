/** What the durable bench prints: the figures, the ratios to the peers, the promises. */
import { type Measured, PEERS, type PeerName, type Round, type Setting } from '../durable.ts';
import type { Counted } from './counted.ts';
import { doubts } from './generate.ts';
import { allKept, type Line, linesTable } from './must.ts';
import { median } from './percentile.ts';
import { number, percent, type Report, type Table } from './report.ts';

type Found = {
  measured: Measured[];
  notes: string[];
  yardsticks: unknown;
  counted: Counted | undefined;
};
type Figure = Exclude<keyof Round, 'peers'>;

const nameOf = ({ connections, inFlight }: Setting): string => `${connections} × ${inFlight}`;
const of = ({ rounds }: Measured, figure: Figure): number =>
  median(rounds.map((round) => round[figure]));

const peer = ({ rounds }: Measured, name: PeerName): number =>
  median(rounds.map(({ peers }) => peers[name] ?? Number.NaN));

/** Median of the rounds' ratios; undefined when the peer was not there. */
function ratio({ rounds }: Measured, name: PeerName): number | undefined {
  const ratios = rounds.flatMap(({ perSecond, peers }) => {
    const other = peers[name];
    return other === undefined ? [] : [perSecond / other];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

function promises({ measured, counted }: Found): Line[] {
  const at = (connections: number, inFlight: number): Measured | undefined =>
    measured.find(
      ({ setting }) => setting.connections === connections && setting.inFlight === inFlight,
    );
  const to = (entry: Measured | undefined, name: PeerName) => entry && ratio(entry, name);
  const [single, many, deep] = [at(1, 1), at(64, 1), at(64, 16)];
  const lag = measured.length === 0 ? undefined : Math.max(...measured.map((m) => of(m, 'lagP99')));
  const least = { kind: 'must', bound: 'at least' } as const;
  const most = { kind: 'must', bound: 'at most' } as const;
  const aim = { kind: 'aim', bound: 'at least' } as const;
  return [
    { ...least, what: 'Tresen ÷ Redis, 64 × 1', limit: 1, value: to(many, 'redis') },
    { ...aim, what: 'Tresen ÷ Redis, 64 × 1', limit: 1.5, value: to(many, 'redis') },
    { ...aim, what: 'Tresen ÷ Redis, 64 × 16', limit: 1.5, value: to(deep, 'redis') },
    { ...least, what: 'Tresen ÷ socket.io, 64 × 16', limit: 5, value: to(deep, 'socket.io') },
    { ...aim, what: 'Tresen ÷ echo, 64 × 1', limit: 0.6, value: to(many, 'echo') },
    { ...aim, what: 'Tresen ÷ echo, 64 × 16', limit: 0.6, value: to(deep, 'echo') },
    {
      ...most,
      what: 'ack p50 ÷ fdatasync p50, 1 × 1',
      limit: 2.5,
      value: single && of(single, 'ackToSync'),
    },
    { ...most, what: 'event-loop lag p99 at worst, ms', limit: 10, value: lag },
    {
      ...most,
      what: 'write calls per 1 000 frames, 64 × 16',
      limit: 150,
      value: deep && of(deep, 'writesPer1000'),
    },
    {
      ...most,
      what: 'the same to sockets only, by strace',
      limit: 150,
      value: counted?.socketWritesPer1000Deliveries,
    },
  ];
}

const COLUMN = 'connections × in flight';

const speedTable = (measured: readonly Measured[]): Table => ({
  columns: [COLUMN, 'acks/s', 'ack p50', 'p99', 'at agent p50', 'p99', 'commits/1 000'],
  rows: measured.map((entry) => [
    nameOf(entry.setting),
    ...(
      ['perSecond', 'ackP50', 'ackP99', 'deliveredP50', 'deliveredP99', 'commitsPer1000'] as const
    ).map((figure) => number(of(entry, figure))),
  ]),
});

const peersTable = (measured: readonly Measured[]): Table => ({
  columns: [`messages/s of peers (Tresen ÷ peer)`, ...PEERS],
  rows: measured.map((entry) => [
    nameOf(entry.setting),
    ...PEERS.map((name) => {
      const share = ratio(entry, name);
      return share === undefined ? '–' : `${number(peer(entry, name))} (${number(share)})`;
    }),
  ]),
});

const CONDITIONS = [
  'eventsPerSecond',
  'framesPerMessage',
  'ackToSync',
  'lagP99',
  'writesPer1000',
] as const;

const conditionsTable = (measured: readonly Measured[]): Table => ({
  columns: [
    COLUMN,
    'agents',
    'events/s',
    'frames/message',
    'ack p50 ÷ fdatasync',
    'loop lag p99',
    'write calls/1 000 frames',
    'server CPU',
    'generator CPU',
    'doubts',
  ],
  rows: measured.map((entry) => [
    nameOf(entry.setting),
    String(entry.setting.agents),
    ...CONDITIONS.map((figure) => number(of(entry, figure))),
    percent(of(entry, 'serverCpu')),
    percent(of(entry, 'generatorCpu')),
    doubts(entry.windows).join(', ') || 'none',
  ]),
});

function countedNotes(counted: Counted | undefined): string[] {
  if (counted === undefined) return [];
  const { messages, syncsPer1000Messages, socketWritesPer1000Deliveries } = counted;
  const queries = Number.isNaN(counted.queriesPerCommand)
    ? ''
    : `, ${number(counted.queriesPerCommand)} queries per command on the main thread`;
  return [
    `Counted by strace in a pass of its own, ${messages} messages: ` +
      `${number(syncsPer1000Messages)} fsyncs per 1 000 messages, ` +
      `${number(socketWritesPer1000Deliveries)} write calls to sockets per 1 000 frames${queries}.`,
  ];
}

const PEER_NOTES = [
  'sqlite: the same rows in one thread without sockets, making the rows not timed; a batch is ' +
    'everything under way.',
  'redis: XADD of the command’s bytes, appendfsync always; delivers to nobody.',
  'socket.io: the same rows by node:sqlite, ack after commit, emit to the agent’s room; one ' +
    'transaction per message as its documentation shows. socket.io/turn: one per loop turn.',
  'Write calls are what the kernel counted for the main thread: to sockets, and wake-ups of other ' +
    'threads. A frame is an ack, an event or a row that reached a connection. Loop lag is the ' +
    'monitor’s p99 less its own interval of 10 ms.',
];

export function reportOf(found: Found): Report {
  const { measured, counted } = found;
  const windows = measured.flatMap((entry) => entry.windows);
  const refused = windows.reduce((sum, window) => sum + window.refused, 0);
  const missing = windows.reduce((sum, window) => sum + window.missing, 0);
  const lines = promises(found);
  const hasPeers = measured.some(({ rounds }) =>
    rounds.some(({ peers }) => Object.keys(peers).length > 0),
  );
  return {
    title: 'durable: person to person, acknowledged after fsync',
    tables: [
      speedTable(measured),
      ...(hasPeers ? [peersTable(measured)] : []),
      conditionsTable(measured),
      linesTable(lines),
    ],
    notes: [
      ...found.notes,
      ...(hasPeers ? PEER_NOTES : []),
      ...countedNotes(counted),
      `${refused} refused, ${missing} acknowledged but not delivered: must be 0 and 0.`,
    ],
    figures: {
      yardsticks: found.yardsticks,
      counted,
      lines,
      settings: measured.map(({ setting, rounds }) => ({ ...setting, rounds })),
    },
    isPassed: refused === 0 && missing === 0 && allKept(lines),
  };
}
