/** The table of a run for people: one line a fault, the total, and everything that was found. */
import { percentile } from '../../../bench/support/percentile.ts';
import { noCounts } from './check.ts';
import { type Fault, isPassed, type Outcome } from './fault.ts';

export type Ran = { fault: Fault; outcome: Outcome };

const HEAD = ['fault', 'runs', 'acked', 'unknown', 'lost', 'twice', 'reordered', 'recovery'];
const FINDINGS_SHOWN = 10;

/** @returns the lines of the table, without remarks of nobody's interest */
export function table(ran: readonly Ran[]): string[] {
  const rows = ran.map(row);
  const widths = HEAD.map((head, i) =>
    Math.max(head.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i < HEAD.length ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ');
  return [line([...HEAD, 'remark']), ...rows.map(line), ...troubles(ran), '', total(ran)];
}

function row({ fault, outcome }: Ran): string[] {
  const name = `${fault.id} ${fault.title}`;
  if (outcome.skipped !== undefined) {
    return [name, '', '', '', '', '', '', '', `skipped: ${outcome.skipped}`];
  }
  const { acked, unknown, lost, twice, reordered } = outcome.counts;
  const figures = [outcome.runs, acked, unknown, lost, twice, reordered].map(String);
  return [name, ...figures, recovery(outcome.recoveryMs), outcome.remark];
}

function recovery(ms: readonly number[]): string {
  if (ms.length === 0) return '–';
  const sorted = Float64Array.from(ms).sort();
  const [p50, max] = [percentile(sorted, 0.5), percentile(sorted, 1)].map(Math.round);
  return `p50 ${p50} ms, max ${max} ms`;
}

function troubles(ran: readonly Ran[]): string[] {
  return ran.flatMap(({ fault, outcome }) => {
    if (isPassed(outcome) || outcome.skipped !== undefined) return [];
    const unmet = outcome.criteria.filter(({ isMet }) => !isMet).map(({ what }) => `not: ${what}`);
    const found = outcome.findings.map(({ kind, what }) => `${kind}: ${what}`);
    const all = [...unmet, ...found].slice(0, FINDINGS_SHOWN);
    const { gaps, leaks, wrong } = outcome.counts;
    return ['', `${fault.id} gaps ${gaps}, leaks ${leaks}, wrong ${wrong}`].concat(
      all.map((what) => `  ${what}`),
    );
  });
}

/** e.g. `lost / twice / reordered of 51234 acked: 0 / 0 / 0` */
export function total(ran: readonly Ran[]): string {
  const { acked, lost, twice, reordered } = sum(ran);
  return `lost / twice / reordered of ${acked} acked: ${lost} / ${twice} / ${reordered}`;
}

export function sum(ran: readonly Ran[]) {
  const all = noCounts();
  for (const { outcome } of ran) {
    for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += outcome.counts[key];
  }
  return all;
}
