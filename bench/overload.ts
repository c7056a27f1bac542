/**
 * Three times more than the server can do: the saturating rate is found by a closed loop, then
 * three times that comes up at many clients that behave as ours do (at most five unanswered, "busy"
 * is obeyed), with calm before and after.
 * Limits: scenario S12 of the plan (goodput 0.85 of the peak, p99 of what was accepted 300 ms,
 * nothing refused silently, normal again in 3 s).
 */
import { parseArgs } from 'node:util';
import { signUpAgent } from '#test/support/server.ts';
import { doubts, generate, type Observed } from './support/generate.ts';
import type { PhaseFigures } from './support/jobs.ts';
import { allKept, type Line, linesTable } from './support/must.ts';
import { median } from './support/percentile.ts';
import { growthBy } from './support/prometheus.ts';
import { number, percent, type Report } from './support/report.ts';
import { startTresen } from './support/tresen.ts';

const TEXT_LENGTH = 200;
const CONTACTS_PER_AGENT = 50;
const WARM_UP_MS = 1_000;
/** Messages under way per connection while the peak is looked for. */
const DEPTHS = [1, 4];
const CALM_SHARE = 0.2;
const CALM_SECONDS = 6;
const LIMITS = { goodput: 0.85, acceptedP99Ms: 300, normalWithinSeconds: 3 };
/**
 * Normal is no more than twice the p99 before. Below this many milliseconds it is noise, and
 * more than what an overloaded server may take is never normal.
 */
const NORMAL = { factor: 2, floorMs: 25 };

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: '1000' },
      times: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '20' },
      'peak-seconds': { type: 'string', default: '4' },
      socket: { type: 'string', default: 'auto' },
    },
  });
  const connections = Number(values.connections);
  const agents = Math.ceil(connections / CONTACTS_PER_AGENT);
  const tresen = await startTresen({ socket: values.socket, untilBot: true });
  try {
    const { cookie } = await signUpAgent(tresen);
    const common = { at: tresen.at, cookie, connections, agents, textLength: TEXT_LENGTH };
    const peaks: number[] = [];
    for (const inFlight of DEPTHS) {
      const window = { warmUpMs: WARM_UP_MS, measureMs: Number(values['peak-seconds']) * 1_000 };
      const job = { load: 'durable', inFlight, ...common, ...window } as const;
      peaks.push((await generate(job, tresen.url)).perSecond);
    }
    const peak = Math.max(...peaks);
    const calm = { perSecond: peak * CALM_SHARE, ms: CALM_SECONDS * 1_000 };
    const phases = [
      { name: 'before', ...calm },
      {
        name: 'overload',
        perSecond: peak * Number(values.times),
        ms: Number(values.seconds) * 1_000,
      },
      { name: 'after', ...calm },
    ];
    const found = await generate({ load: 'overload', ...common, phases }, tresen.url);
    const [before, overload, after] = found.phases ?? [];
    if (!before || !overload || !after) throw new Error('a phase is missing');
    const lines = promises(peak, before, overload, after);
    return {
      title: `overload: ${values.times} times what the server can do`,
      tables: [phasesTable([before, overload, after]), linesTable(lines)],
      notes: [
        `${connections} connections, ${agents} of agents, ${tresen.library}; milliseconds from ` +
          'being written. “late” is how much later than planned the generator wrote (p99).',
        `Peak of the closed loop with ${DEPTHS.join(' and ')} in flight: ` +
          `${peaks.map(number).join(' and ')} acks/s.`,
        `After the overload p99 second by second: ${after.p99PerSecond.map(number).join(', ')}.`,
        `Refused with ${refusalsIn(found)}.`,
        `Generator ${percent(found.cpuShare)}, server ${percent(found.serverCpu)} of a core; ` +
          `doubts: ${doubts([found]).join(', ') || 'none'}.`,
      ],
      figures: { connections, agents, peaks, phases: found.phases, lines },
      isPassed: allKept(lines),
    };
  } finally {
    await tresen.stop();
  }
}

function refusalsIn({ before, after }: Observed): string {
  const codes = growthBy(before, after, 'tresen_refusals_total', 'code');
  return (
    Object.entries(codes)
      .map(([code, count]) => `${code} ${count}`)
      .join(', ') || 'nothing'
  );
}

function promises(
  peak: number,
  before: PhaseFigures,
  overload: PhaseFigures,
  after: PhaseFigures,
): Line[] {
  const calm = Math.max(NORMAL.factor * before.ack.p99, NORMAL.floorMs);
  const normal = Math.min(calm, LIMITS.acceptedP99Ms);
  const settled = after.p99PerSecond.slice(LIMITS.normalWithinSeconds);
  const most = { kind: 'must', bound: 'at most' } as const;
  return [
    {
      what: 'goodput ÷ peak',
      kind: 'must',
      bound: 'at least',
      limit: LIMITS.goodput,
      value: overload.acked / overload.seconds / peak,
    },
    {
      ...most,
      what: 'p99 of what was accepted, ms',
      limit: LIMITS.acceptedP99Ms,
      value: overload.ack.p99,
    },
    {
      ...most,
      what: 'neither acknowledged nor refused',
      limit: 0,
      value: before.silent + overload.silent + after.silent,
    },
    {
      ...most,
      what: `p99 from ${LIMITS.normalWithinSeconds} s after it, ms`,
      limit: normal,
      value: median(settled),
    },
  ];
}

const phasesTable = (phases: readonly PhaseFigures[]) => ({
  columns: [
    'phase',
    'offered/s',
    'left/s',
    'acked/s',
    'refused/s',
    'silent',
    'ack p50',
    'p99',
    'refusal p99',
    'late',
  ],
  rows: phases.map(
    ({ name, seconds, offered, written, acked, refused, silent, ack, refusal, late }) => [
      name,
      ...[offered / seconds, written / seconds, acked / seconds, refused / seconds].map(number),
      String(silent),
      ...[ack.p50, ack.p99, refusal.p99, late.p99].map(number),
    ],
  ),
});
