/** The four sections of the list: what belongs in each, in which order, and how many wait. */

import type { Row } from './model.ts';
import { contactTail } from './names.ts';

export const SECTIONS = ['waiting', 'mine', 'bot', 'all'] as const;
export type Section = (typeof SECTIONS)[number];

const isMine = (row: Row, me: string): boolean => row.owner.kind === 'agent' && row.owner.id === me;

/** Somebody waits for a person: in the queue, or for me. */
export const isWaiting = (row: Row, me: string): boolean =>
  row.status === 'open' &&
  row.waitingSince !== undefined &&
  (row.owner.kind === 'queue' || isMine(row, me));

const BELONGS: Record<Section, (row: Row, me: string) => boolean> = {
  waiting: isWaiting,
  mine: (row, me) => row.status === 'open' && isMine(row, me),
  bot: (row) => row.status === 'open' && row.owner.kind === 'bot',
  all: (row) => row.status === 'open',
};

/** Longest waiting first, then the newest change; the id makes it a total order. */
const compare = (a: Row, b: Row): number =>
  (a.waitingSince ?? Infinity) - (b.waitingSince ?? Infinity) ||
  b.updatedAt - a.updatedAt ||
  (a.id < b.id ? -1 : 1);

/** The bot's conversations change every second; by opening time they stand still. */
const compareOpened = (a: Row, b: Row): number => b.openedAt - a.openedAt || (a.id < b.id ? -1 : 1);

function matches(row: Row, words: readonly string[]): boolean {
  const owner = row.owner.kind === 'agent' ? row.owner.name : '';
  const text = [contactTail(row.contact || row.id), row.preview?.text, owner, row.language]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** @returns the ids that belong in `section`, in the order that a fresh look would give */
export function wanted(rows: Iterable<Row>, section: Section, me: string, filter = ''): string[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const belongs = BELONGS[section];
  const found: Row[] = [];
  for (const row of rows) if (belongs(row, me) && matches(row, words)) found.push(row);
  return found.sort(section === 'bot' ? compareOpened : compare).map((row) => row.id);
}

export function counts(rows: Iterable<Row>, me: string): Record<Section, number> {
  const result = { waiting: 0, mine: 0, bot: 0, all: 0 };
  for (const row of rows) {
    for (const section of SECTIONS) if (BELONGS[section](row, me)) result[section] += 1;
  }
  return result;
}
