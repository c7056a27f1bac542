/**
 * What a bench hands back and how it looks: Markdown for people, JSON for comparing.
 * Knows no bench.
 */
export type Table = { columns: readonly string[]; rows: readonly (readonly string[])[] };

export type Report = {
  title: string;
  tables: Table[];
  /** Sentences below the tables: conditions, doubts, what the figures mean. */
  notes: string[];
  /** Everything measured, unrounded, for the JSON file. */
  figures: unknown;
  /** false when a figure misses its must-line. */
  isPassed: boolean;
};

export const verdict = (isPassed: boolean): string => (isPassed ? 'PASS' : 'FAIL');

/** Three significant digits are all that such a measurement can carry. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return digits === 0 ? text.replace(/\B(?=(\d{3})+$)/g, ' ') : text;
}

export const percent = (share: number): string =>
  Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–';

/** First column to the left, the others, which are figures, to the right. */
export function markdown({ columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(3, column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const pad = (text: string, i: number): string =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

export const text = (report: Report): string =>
  [
    `## ${report.title}`,
    ...report.tables.map(markdown),
    report.notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
