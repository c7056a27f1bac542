/**
 * A reconnect storm: 10 000 contacts lose their lines at once and come back as fast as handshakes
 * go, each with the seq he saw last; a tenth of them has missed 20 messages meanwhile. Others go
 * on chatting. Limits: scenario S6 of the plan (all resumed within 8 s, nothing lost or twice).
 */
import { parseArgs } from 'node:util';
import { signUpAgent } from '#test/support/server.ts';
import { createBystanders } from './support/bystanders.ts';
import { generate } from './support/generate.ts';
import type { StormFigures } from './support/jobs.ts';
import { allKept, type Line, linesTable } from './support/must.ts';
import { type Spread, spread } from './support/percentile.ts';
import { number, percent, type Report } from './support/report.ts';
import { startTresen } from './support/tresen.ts';

const BEHIND_SHARE = 0.1;
const MISSED = 20;
const LIMITS = { resumedMs: 8_000, bystanderP99Ms: 100 };

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: '10000' },
      'at-once': { type: 'string', default: '400' },
      missed: { type: 'string', default: String(MISSED) },
      socket: { type: 'string', default: 'auto' },
    },
  });
  const connections = Number(values.connections);
  const missed = Number(values.missed);
  const behind = Math.round(connections * BEHIND_SHARE);
  const tresen = await startTresen({ socket: values.socket, untilBot: true });
  try {
    const { cookie } = await signUpAgent(tresen);
    const bystanders = await createBystanders(tresen.at, cookie);
    const job = { load: 'storm', at: tresen.at, cookie, connections, behind, missed } as const;
    const atOnce = Number(values['at-once']);
    const window = { from: Number.NaN, until: Number.NaN };
    const found = await generate({ ...job, atOnce }, tresen.url, (mark) => {
      window[mark === 'measuring' ? 'from' : 'until'] = performance.now();
    });
    const chats = await bystanders.stop();
    const { storm } = found;
    if (storm === undefined) throw new Error('the storm did not tell what became of it');
    const during = chats.filter(({ at }) => at >= window.from && at < window.until);
    const calm = chats.filter(({ at }) => at < window.from).slice(0, bystanders.calmCount);
    const [stormy, quiet] = [during, calm].map((some) => spread(some.map(({ ms }) => ms)));
    const lines = promises(storm, stormy?.p99);
    return {
      title: `storm: ${connections} contacts dropped at once, all come back`,
      tables: [
        {
          columns: ['ms', 'count', 'p50', 'p99', 'max'],
          rows: [
            row('resumed, since the first came back', storm.resume),
            row('bystanders’ ack before', quiet),
            row('bystanders’ ack meanwhile', stormy),
          ],
        },
        linesTable(lines),
      ],
      notes: [
        `${behind} of them had missed ${missed} messages each: ${storm.expected} expected, ` +
          `${storm.lost} lost, ${storm.twice} twice, in order. ${found.missing} did not resume.`,
        `${tresen.library}; handshakes under way at the same time: ${atOnce}, fewer than the ` +
          `listen backlog holds (browsers wait a random time before they come back); opened ` +
          `before in ${number(storm.openMs)} ms; generator at ${percent(found.cpuShare)} of a core.`,
      ],
      figures: { connections, behind, missed, atOnce, storm, bystanders: { quiet, stormy }, lines },
      isPassed: found.missing === 0 && allKept(lines),
    };
  } finally {
    await tresen.stop();
  }
}

function promises(storm: StormFigures, bystanderP99: number | undefined): Line[] {
  const most = { kind: 'must', bound: 'at most' } as const;
  return [
    { ...most, what: 'all resumed, ms', limit: LIMITS.resumedMs, value: storm.resumedMs },
    { ...most, what: 'events lost', limit: 0, value: storm.lost },
    { ...most, what: 'events twice', limit: 0, value: storm.twice },
    {
      what: 'bystanders’ ack p99 meanwhile, ms',
      kind: 'aim',
      bound: 'at most',
      limit: LIMITS.bystanderP99Ms,
      value: bystanderP99,
    },
  ];
}

const row = (name: string, times: Spread | undefined): string[] => [
  name,
  ...[times?.count, times?.p50, times?.p99, times?.max].map((x) => number(x ?? Number.NaN)),
];
