/** Times as people read them; every formatter by Intl, made once per language. */
import type { Language } from '../../../core/protocol/entities.ts';

const each = <T>(make: (language: Language) => T): Record<Language, T> => ({
  de: make('de'),
  en: make('en'),
});
const format = (options: Intl.DateTimeFormatOptions) =>
  each((language) => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'de', options));

const times = format({ hour: '2-digit', minute: '2-digit' });
const days = format({ weekday: 'long', day: 'numeric', month: 'long' });
const moments = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const percents = each((language) => new Intl.NumberFormat(language, { style: 'percent' }));

export const time = (language: Language, at: number): string => times[language].format(at);
export const day = (language: Language, at: number): string => days[language].format(at);
export const moment = (language: Language, at: number): string => moments[language].format(at);
export const percent = (language: Language, share: number): string =>
  percents[language].format(share);

/** @returns days between two moments in local calendar days */
export function daysApart(from: number, to: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** @returns a waiting time as m:ss, from one hour on as h:mm h */
export function waited(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (x: number) => String(x).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))} h`;
}

export const LONG_MS = 2 * 60_000;
export const OVERDUE_MS = 5 * 60_000;

export const urgency = (ms: number): 'fine' | 'long' | 'overdue' =>
  ms > OVERDUE_MS ? 'overdue' : ms > LONG_MS ? 'long' : 'fine';
