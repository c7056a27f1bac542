/** Likeness by letters: 1 with itself, robust to typing errors, safe for any token. */
import { expect, it } from 'vitest';
import { buildLexicon, createLexicon, termsOf } from '#models/lexicon.ts';

const texts = [
  'wo ist mein paket',
  'wo ist meine sendung',
  'paket verloren',
  'constructor',
  'constructor toString',
];
const lexicon = createLexicon(buildLexicon(texts));

it('finds the text itself and prefers it', () => {
  const similar = lexicon.similarities(texts[0] as string);
  expect(similar[0]).toBeCloseTo(1, 5);
  expect(Math.max(...similar)).toBe(similar[0]);
});

it('still likes a misspelt word, and nothing in nonsense', () => {
  expect(lexicon.similarities('pakett')[2]).toBeGreaterThan(0.2);
  expect([...lexicon.similarities('xyzzy 0815')]).toEqual([0, 0, 0, 0, 0]);
  expect([...lexicon.similarities('???')]).toEqual([0, 0, 0, 0, 0]);
});

it('knows words of objects as words', () => {
  expect(lexicon.occurrences('constructor')).toBe(2);
  expect(lexicon.occurrences('__proto__')).toBe(0);
  expect(lexicon.similarities('constructor')[3]).toBeCloseTo(1, 5);
});

it('marks the ends of words', () => {
  expect([...termsOf('ab').keys()]).toEqual([
    'c a',
    'cab',
    'cb ',
    'c ab',
    'cab ',
    'c ab ',
    'wab',
    'p< ab',
    'pab >',
  ]);
});
