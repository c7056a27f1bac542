/** Plurals by Intl: `#` in the pattern becomes the number in the language's own digits. */
import type { Language } from '../../../core/protocol/entities.ts';

const rules = { de: new Intl.PluralRules('de'), en: new Intl.PluralRules('en') };
const numbers = { de: new Intl.NumberFormat('de'), en: new Intl.NumberFormat('en') };

export const plural = (
  language: Language,
  count: number,
  forms: { one: string; other: string },
): string =>
  (rules[language].select(count) === 'one' ? forms.one : forms.other).replace(
    '#',
    numbers[language].format(count),
  );

export const number = (language: Language, value: number): string =>
  numbers[language].format(value);
