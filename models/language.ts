/**
 * German or English? Naive Bayes over words and character trigrams, learned from the articles'
 * own phrasings, with the language of the page as a prior for "ok" and "paypal".
 * Knows two languages; anything else is given to the nearer one and left to the confidence.
 */
import type { Language } from '#core/protocol/entities.ts';
import { clean } from './normalise.ts';

export type LanguageData = [feature: string, germanLogOdds: number][];

/** Log-odds that the page's language is worth: one clear word outweighs it. */
const pagePrior = 1.5;
const occurrencesMin = 2;
const featuresMax = 6000;

export function trainLanguage(
  texts: readonly { text: string; language: Language }[],
): LanguageData {
  const counts = new Map<string, { de: number; en: number }>();
  const total = { de: 0, en: 0 };
  for (const { text, language } of texts)
    for (const feature of featuresOf(text)) {
      const count = counts.get(feature) ?? { de: 0, en: 0 };
      count[language]++;
      total[language]++;
      counts.set(feature, count);
    }
  return [...counts]
    .filter(([, { de, en }]) => de + en >= occurrencesMin)
    .sort(([, a], [, b]) => b.de + b.en - a.de - a.en)
    .slice(0, featuresMax)
    .map(([feature, { de, en }]) => {
      const odds = Math.log((de + 0.5) / (total.de + 1)) - Math.log((en + 0.5) / (total.en + 1));
      return [feature, Math.round(odds * 100) / 100];
    });
}

/** @returns `detect(text, page?)`: the likelier language; without evidence the page's, else German. */
export function createLanguageDetector(data: LanguageData) {
  const odds = new Map(data);

  function detect(text: string, page?: Language): Language {
    let german = page === 'en' ? -pagePrior : page === 'de' ? pagePrior : 0;
    for (const feature of featuresOf(text)) german += odds.get(feature) ?? 0;
    return german >= 0 ? 'de' : 'en';
  }

  return Object.freeze({ detect });
}

function featuresOf(text: string): string[] {
  const features: string[] = [];
  for (const word of clean(text).split(/[^\p{L}']+/u)) {
    if (word === '') continue;
    features.push(`w${word}`);
    const padded = ` ${word} `;
    for (let at = 0; at + 3 <= padded.length; at++) features.push(padded.slice(at, at + 3));
  }
  return features;
}
