/**
 * The catalogues by language. German is the measure: `Texts` is its type, so a missing or extra
 * entry in another language does not compile; a test checks that none is empty.
 */
import type { Language } from '../../../core/protocol/entities.ts';
import type { RefusalCode } from '../../../core/protocol/errors.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type Texts = typeof de;
export const TEXTS: Record<Language, Texts> = { de, en };

/** @returns what to tell a person about a refused action; codes from a newer server included */
export function refusalText(texts: Texts, code: string, fasterAgent?: string): string {
  if (code === 'conversation_already_taken' && fasterAgent) {
    return texts.refusals.faster(fasterAgent);
  }
  const known: Record<RefusalCode, string> = texts.refusals;
  return known[code as RefusalCode] ?? texts.refusals.unknown;
}
