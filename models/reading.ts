/**
 * How an utterance is read before it is understood: its language, its words, and the line that the
 * English encoder is given. German goes through the glossary, so both languages meet in one space.
 * Relies on normalising and glossary; knows nothing of intents.
 */
import type { Language } from '#core/protocol/entities.ts';
import type { Glossary } from './glossary.ts';
import { clean, words } from './normalise.ts';
import type { Speller } from './spelling.ts';

export type Reading = {
  /** For the encoder; empty when there is nothing to read. */
  line: string;
  /** In canonical form. */
  words: string[];
};

const letters = /[a-z]+/g;

/** @returns `line`: English words for German text; English text cleaned and spelled right. */
export function readUtterance(
  text: string,
  language: Language,
  glossary: Glossary,
  speller?: Speller,
): Reading {
  const list = words(text);
  if (list.length === 0) return { line: '', words: list };
  if (language === 'de') return { line: glossary.gloss(list).join(' '), words: list };
  const line = clean(text);
  return { line: speller ? line.replace(letters, speller.correct) : line, words: list };
}

const occurrencesMin = 2;

/** Words that English examples use at least twice, the most used first: what a typo may mean. */
export function vocabularyOf(examples: readonly { text: string; language: Language }[]): string[] {
  const counts = new Map<string, number>();
  for (const { text, language } of examples)
    for (const word of language === 'en' ? (clean(text).match(letters) ?? []) : [])
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= occurrencesMin)
    .sort(([, a], [, b]) => b - a)
    .map(([word]) => word);
}
