/**
 * How an utterance is read before it is understood: its language, its words, and the line that the
 * English encoder is given. German goes through the glossary, so both languages meet in one space.
 * Relies on normalising and glossary; knows nothing of intents.
 */
import type { Language } from '#core/protocol/entities.ts';
import type { Glossary } from './glossary.ts';
import { clean, words } from './normalise.ts';

export type Reading = {
  /** For the encoder; empty when there is nothing to read. */
  line: string;
  /** In canonical form. */
  words: string[];
};

/** @returns `line`: English words for German text, cleaned text for English. */
export function readUtterance(text: string, language: Language, glossary: Glossary): Reading {
  const list = words(text);
  if (list.length === 0) return { line: '', words: list };
  return { line: language === 'de' ? glossary.gloss(list).join(' ') : clean(text), words: list };
}
