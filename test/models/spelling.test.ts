/** One typing error is one edit; two are not. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSpeller, deletions, withinOneEdit } from '#models/spelling.ts';

it.each([
  ['paket', 'paket', true],
  ['paket', 'pakt', true],
  ['paket', 'pakett', true],
  ['paket', 'pakot', true],
  ['paket', 'pakte', true],
  ['paket', 'pktea', false],
  ['paket', 'pak', false],
  ['', 'a', true],
])('%s and %s: %s', (a, b, expected) => {
  expect(withinOneEdit(a, b)).toBe(expected);
  expect(withinOneEdit(b, a)).toBe(expected);
});

it('every deletion is within one edit', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 12 }), (word) => {
      for (const form of deletions(word)) expect(withinOneEdit(word, form)).toBe(true);
    }),
  );
});

it('corrects what is no word to the likeliest word one error away', () => {
  const isWord = (word: string) => ['parcel', 'parcels', 'weather'].includes(word);
  const { correct } = createSpeller(['parcel', 'parcels', 'leather'], isWord);
  expect(['parcle', 'weather', 'parcels', 'xyzzyq', 'abc'].map(correct)).toEqual([
    'parcel',
    'weather',
    'parcels',
    'xyzzyq',
    'abc',
  ]);
});
