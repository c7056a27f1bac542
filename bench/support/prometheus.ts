/**
 * Reads what the server says of itself on `/metrics`, and what changed between two readings.
 * Knows the text format of Prometheus, not the figures.
 */
export type Reading = ReadonlyMap<string, number>;

const LINE = /^([a-z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/i;

export function parseMetrics(text: string): Reading {
  const reading = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = LINE.exec(line);
    if (found?.[1] !== undefined) reading.set(found[1], Number(found[2]));
  }
  return reading;
}

export async function readMetrics(url: string): Promise<Reading> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return parseMetrics(await response.text());
}

/** Growth of a counter, summed over its labels; `labels` narrows it, e.g. `sender="contact"`. */
export function growth(before: Reading, after: Reading, name: string, labels = ''): number {
  let sum = 0;
  for (const [key, value] of after) {
    const isWanted = key === name || key.startsWith(`${name}{`);
    if (isWanted && key.includes(labels)) sum += value - (before.get(key) ?? 0);
  }
  return sum;
}

/** A figure of one reading, summed over its labels; NaN when the server does not have it. */
export function lastOf(reading: Reading, name: string): number {
  let sum = Number.NaN;
  for (const [key, value] of reading) {
    if (key !== name && !key.startsWith(`${name}{`)) continue;
    sum = value + (Number.isNaN(sum) ? 0 : sum);
  }
  return sum;
}

/** Growth per value of one label. */
export function growthBy(
  before: Reading,
  after: Reading,
  name: string,
  label: string,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [key, value] of after) {
    if (!key.startsWith(`${name}{`)) continue;
    const word = new RegExp(`\\b${label}="([^"]*)"`).exec(key)?.[1];
    const grown = value - (before.get(key) ?? 0);
    if (word !== undefined && grown > 0) found[word] = (found[word] ?? 0) + grown;
  }
  return found;
}
