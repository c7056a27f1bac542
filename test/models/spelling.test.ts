/** One typing error is one edit; two are not. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deletions, withinOneEdit } from '#models/spelling.ts';

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
