/**
 * Must-lines and aims as a table: what was promised, what was measured, whether it holds. Only a
 * missed must fails a bench. What could not be measured here is said, never counted as kept.
 */
import { number, type Table } from './report.ts';

export type Line = {
  what: string;
  kind: 'must' | 'aim';
  bound: 'at least' | 'at most';
  limit: number;
  /** undefined: not measured in this run, e.g. a peer is missing; NaN: measured and failed. */
  value: number | undefined;
};

const isKept = ({ bound, limit, value }: Line & { value: number }): boolean =>
  bound === 'at least' ? value >= limit : value <= limit;

function verdictOf(line: Line): string {
  const { kind, value } = line;
  if (value === undefined) return 'not measured';
  if (kind === 'aim') return isKept({ ...line, value }) ? 'reached' : 'missed';
  return isKept({ ...line, value }) ? 'PASS' : 'FAIL';
}

export const allKept = (lines: readonly Line[]): boolean =>
  lines.every((line) => verdictOf(line) !== 'FAIL');

export const linesTable = (lines: readonly Line[]): Table => ({
  columns: ['promise', 'limit', 'measured', 'verdict'],
  rows: lines.map((line) => [
    line.what,
    `${line.kind} ${line.bound === 'at least' ? '≥' : '≤'} ${number(line.limit)}`,
    number(line.value ?? Number.NaN),
    verdictOf(line),
  ]),
});
