/** German words reach the English encoder: inflected, compound, misspelt; the rest untouched. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGlossary, loadGlossary, parseGlossary } from '#models/glossary.ts';
import { words } from '#models/normalise.ts';

const glossary = loadGlossary();
const gloss = (text: string) => glossary.gloss(words(text)).join(' ');

describe('the glossary that comes with Tresen', () => {
  it.each([
    ['Wo ist mein Paket?', 'where is my parcel'],
    ['rücksendeschein', 'return label'],
    ['Versandkosten', 'delivery cost'],
    ['paketverfolgng', 'tracking'],
    ['Passwort vergessen', 'password forgotten'],
    ['PayPal iPhone 15', 'paypal iphone 15'],
  ])('%s → %s', (german, english) => expect(gloss(german)).toBe(english));

  it('survives words that objects have by nature, and any other', () => {
    expect(gloss('constructor hasOwnProperty')).toBe('constructor hasownproperty');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(typeof gloss(text)).toBe('string');
      }),
      { numRuns: 200 },
    );
  });
});

it('says which line is wrong', () => {
  expect(() => parseGlossary('# words\nparcel paket')).toThrow('line 2');
});

it('takes two words as one where the list does', () => {
  const own = createGlossary(parseGlossary('at home = zu_hause\nto = zu\nhouse = haus'));
  expect(own.gloss(['zu', 'hause'])).toEqual(['at home']);
});
