/**
 * Canned responses: finding one by what was typed after `/`, filling in its variables. Pure; a
 * contact's name is not known yet, so its variable vanishes with the comma and blank before it.
 */
import type { CannedResponse, Language } from '../../../core/protocol/entities.ts';

export type Canned = { id: string; shortcut: string; title: string; text: string };

export const inLanguage = (all: readonly CannedResponse[], language: Language): Canned[] =>
  all.map((one) => ({ id: one.id, shortcut: one.shortcut, ...one[language] }));

export function fill(text: string, values: { contact?: string; agent: string }): string {
  const { contact } = values;
  return (contact ? text.replaceAll('{{contact}}', contact) : text)
    .replace(/,?[^\S\n]*\{\{contact\}\}/g, '')
    .replaceAll('{{agent}}', values.agent)
    .replace(/^[\s,]+/, '');
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replaceAll('ß', 'ss');

/** @returns those whose shortcut, title or text holds every word; shortcuts first */
export function find(all: readonly Canned[], query: string): Canned[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  const first = words[0] ?? '';
  const rank = (one: Canned): number => {
    if (plain(one.shortcut).startsWith(first)) return 0;
    return plain(one.title).includes(first) ? 1 : 2;
  };
  return all
    .filter((one) => {
      const text = plain(`${one.shortcut} ${one.title} ${one.text}`);
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b));
}

/** The word being typed after a slash at the start of a word, up to the cursor. */
export function slashQuery(text: string, cursor: number): { from: number; query: string } | null {
  const match = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, cursor));
  if (!match) return null;
  const query = match[1] ?? '';
  return { from: cursor - query.length - 1, query };
}
