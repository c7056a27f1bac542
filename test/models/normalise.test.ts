/** Whatever people type becomes one short canonical form, and stays it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, fold, utteranceLengthMax, words } from '#models/normalise.ts';

describe('clean', () => {
  it.each([
    ['  WO ist\tmein\n Paket ', 'wo ist mein paket'],
    ['hallooooo!!!!', 'halloo!'],
    ['pa\u200Bket\u202E', 'paket'],
    ['ﬁx ①', 'fix 1'],
    ['\u0000\u0007', ''],
  ])('%j becomes %j', (typed, expected) => expect(clean(typed)).toBe(expected));

  it('cuts what is too long, cheaply', () => {
    expect(clean('a b '.repeat(100_000)).length).toBeLessThanOrEqual(utteranceLengthMax);
  });
});

describe('fold', () => {
  it.each(['ZURÜCK', 'zurueck', 'zuruck', 'Zurück!'])('%s is one word', (typed) =>
    expect(fold(typed)).toBe('zuruck'),
  );

  it('keeps ß and ss together, and digits', () => {
    expect(fold('Größe 42')).toBe(fold('groesse 42'));
  });

  it('holds for any text: idempotent, bounded, nothing but letters, digits and single blanks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (typed) => {
        const once = fold(typed);
        expect(fold(once)).toBe(once);
        expect(once).toMatch(/^[\p{L}\p{N}]*( [\p{L}\p{N}]+)*$/u);
        expect(once).not.toMatch(/[A-ZÄÖÜäöüß]/);
      }),
      { numRuns: 200 },
    );
  });
});

it('has no words where there is nothing to read', () => {
  for (const typed of ['', '   ', '???', '👍🎉', '\u200B']) expect(words(typed)).toEqual([]);
});
