/**
 * Reads utterances from a table with tabs: a column by its name in the header line, or the first
 * column when no name is given. Knows lines and tabs, nothing of what is asked.
 */

export type Question = {
  text: string;
  /** The other columns: by name with a header, else by number. */
  row?: Record<string, string>;
};

/**
 * @param column name in the header line; without it every line is an utterance, the first too.
 * @throws Error naming the file when there is no such column or nothing in it.
 */
export function readQuestions(source: string, file: string, column?: string): Question[] {
  const lines = source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.split('\t'));
  const filled = lines.filter((cells) => cells.some((cell) => cell.trim() !== ''));
  const names = column === undefined ? undefined : filled.shift();
  const at = column === undefined ? 0 : (names ?? []).indexOf(column);
  if (at < 0)
    throw new Error(`${file} has no column "${column}"; it has: ${(names ?? []).join(', ')}`);
  if (filled.length === 0) throw new Error(`${file} has no utterances`);
  return filled.map((cells) => questionOf(cells, at, names));
}

function questionOf(cells: string[], at: number, names?: string[]): Question {
  const others = cells
    .map((cell, index) => [names?.[index] ?? String(index + 1), cell] as const)
    .filter((_, index) => index !== at);
  const text = cells[at] ?? '';
  return others.length === 0 ? { text } : { text, row: Object.fromEntries(others) };
}
