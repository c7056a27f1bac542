/** Short chat lines in German and English, with the page's language as a prior. */
import { expect, it } from 'vitest';
import { createLanguageDetector, trainLanguage } from '#models/language.ts';
import { smallKnowledge } from './small-knowledge.ts';

const texts = smallKnowledge.flatMap(({ de, en }) => [
  ...de.phrasings.map((text) => ({ text, language: 'de' as const })),
  ...en.phrasings.map((text) => ({ text, language: 'en' as const })),
]);
const { detect } = createLanguageDetector(trainLanguage(texts));

it.each([
  ['wo ist meine sendung', 'de'],
  ['where is my shipment', 'en'],
  ['ich habe mein kennwort vergessen', 'de'],
  ['i lost my password', 'en'],
] as const)('%s is %s, whatever the page says', (text, language) => {
  for (const page of [undefined, 'de', 'en'] as const) expect(detect(text, page)).toBe(language);
});

it('follows the page where the text says nothing', () => {
  expect(detect('1234', 'en')).toBe('en');
  expect(detect('1234', 'de')).toBe('de');
  expect(detect('')).toBe('de');
});
