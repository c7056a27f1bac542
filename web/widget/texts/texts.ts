/**
 * The catalogue of one language, its formats, and how a text gets its values. Chosen once, when
 * the app starts; parts ask for `words`.
 */
import type { Language } from '../../../core/protocol/entities.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type Texts = typeof de;

const CATALOGUES: Record<Language, Texts> = { de, en };
const DAY_MS = 86_400_000;

export type Words = ReturnType<typeof createWords>;

/** `{name}` in a text becomes `values.name`; an unknown name stays as it is. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export function createWords(language: Language) {
  const locale = language === 'de' ? 'de-DE' : 'en-GB';
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const number = new Intl.NumberFormat(locale);
  const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  return {
    language,
    texts: CATALOGUES[language],
    time: (at: number) => time.format(at),
    number: (value: number) => number.format(value),
    /** "Heute", "Gestern", else "Montag, 2. März". */
    day(at: number, now: number): string {
      const days = Math.round((startOfDay(at) - startOfDay(now)) / DAY_MS);
      return days === 0 || days === -1 ? capital(relative.format(days, 'day')) : date.format(at);
    },
  };
}

export const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
