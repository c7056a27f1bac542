/**
 * What an idle connection costs: resident memory of the server before and with 10 000 contacts
 * who have the page open, and its CPU while they only ping. Limits: scenario S5 of the plan
 * (75 MB in all with ws, aim 50 MB). Kernel buffers are not in a process's memory and not counted.
 */
import { parseArgs } from 'node:util';
import { generate } from './support/generate.ts';
import { allKept, type Line, linesTable } from './support/must.ts';
import { sleep } from './support/pace.ts';
import { lastOf, readMetrics } from './support/prometheus.ts';
import { number, percent, type Report } from './support/report.ts';
import { startTresen } from './support/tresen.ts';

const MEGABYTE = 1e6;
const KILOBYTE = 1e3;
/** For so many connections; fewer are measured against their share. */
const LIMIT_CONNECTIONS = 10_000;
const LIMITS = { mustMegabytes: 75, aimMegabytes: 50, cpuPercent: 3 };
const SETTLES_MS = 3_000;
/**
 * Come and go before the first look: the bot has just loaded its model, and its garbage, once
 * collected, would hide what connections cost.
 */
const WARM_UP_CONNECTIONS = 1_000;
/** File descriptors of a process here, less what it needs itself. */
const CONNECTIONS_MAX = 19_000;

/** What the process says of its memory; the rest is native: sockets, code, threads. */
const PARTS = {
  'of it JavaScript objects, garbage included': 'nodejs_heap_size_used_bytes',
  'of it the JavaScript heap': 'nodejs_heap_size_total_bytes',
  'of it buffers': 'nodejs_external_memory_bytes',
};

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: String(LIMIT_CONNECTIONS) },
      seconds: { type: 'string', default: '20' },
      socket: { type: 'string', default: 'auto' },
    },
  });
  const connections = Number(values.connections);
  if (connections > CONNECTIONS_MAX) throw new Error(`at most ${CONNECTIONS_MAX} connections`);
  const tresen = await startTresen({ socket: values.socket, untilBot: true });
  try {
    const none = { warmUpMs: 0, measureMs: 0 };
    await generate({ load: 'idle', at: tresen.at, connections: WARM_UP_CONNECTIONS, ...none });
    await sleep(SETTLES_MS);
    const start = await readMetrics(tresen.url);
    const before = tresen.residentBytes();
    const reached: number[] = [];
    const job = { load: 'idle', at: tresen.at, connections } as const;
    const window = { warmUpMs: SETTLES_MS, measureMs: Number(values.seconds) * 1_000 };
    const idle = await generate({ ...job, ...window }, tresen.url, () =>
      reached.push(tresen.residentBytes()),
    );
    const after = reached[1] ?? Number.NaN;
    const there = idle.after.get('tresen_connections{kind="all"}');
    const growth = after - before;
    const lines = promises(connections, growth, idle.serverCpu);
    return {
      title: `idle: ${connections} connections that only ping`,
      tables: [
        {
          columns: ['MB', 'before', 'just opened', 'idle', 'growth', 'kB per connection'],
          rows: [
            memoryRow(connections, 'resident memory', [before, reached[0] ?? Number.NaN, after]),
            ...Object.entries(PARTS).map(([name, metric]) =>
              memoryRow(
                connections,
                name,
                [start, idle.before, idle.after].map((reading) => lastOf(reading, metric)),
              ),
            ),
          ],
        },
        linesTable(lines),
      ],
      notes: [
        `${tresen.library}; ${values.seconds} s of idling; opened at ${number(idle.perSecond)}/s, ` +
          `p99 ${number(idle.ack.p99)} ms from connecting to the welcome. ` +
          `Server ${percent(idle.serverCpu)} of a core while idle, pings every 15 s.`,
        `The server counted ${there} connections at the end.`,
      ],
      figures: { connections, before, reached, idle: { ...idle, before: {}, after: {} }, lines },
      isPassed: allKept(lines),
    };
  } finally {
    await tresen.stop();
  }
}

function promises(connections: number, growth: number, cpu: number): Line[] {
  const memory = { what: `memory for ${connections} connections, MB`, bound: 'at most' } as const;
  const value = growth / MEGABYTE;
  const share = connections / LIMIT_CONNECTIONS;
  const what = 'idle CPU, % of a core';
  return [
    { ...memory, kind: 'must', limit: LIMITS.mustMegabytes * share, value },
    { ...memory, kind: 'aim', limit: LIMITS.aimMegabytes * share, value },
    { what, kind: 'aim', bound: 'at most', limit: LIMITS.cpuPercent, value: cpu * 100 },
  ];
}

function memoryRow(connections: number, name: string, bytes: readonly number[]): string[] {
  const grown = (bytes.at(-1) ?? Number.NaN) - (bytes[0] ?? Number.NaN);
  const figures = [...bytes, grown].map((each) => number(each / MEGABYTE));
  return [name, ...figures, number(grown / connections / KILOBYTE)];
}
