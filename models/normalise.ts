/**
 * One canonical form of what people type, so that "ZURÜCK", "zurueck" and "zuruck" are one word.
 * `clean` keeps the letters a sentence encoder knows; `fold` goes further, for n-grams and words.
 * Knows nothing of languages, intents or models, and reads nothing but its argument.
 */

/** Longest utterance that is understood; the rest is cut (rule I6: every text has a limit). */
export const utteranceLengthMax = 500;

/** More than this is never even looked at: normalising must stay cheap for hostile input. */
const inspectedLengthMax = 2 * utteranceLengthMax;

const invisible = /[\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu;
/** An order or customer number says which one, not what is wanted. */
const longNumber = /(?:\b(?:nr|nummer|number|no)\.?\s*|#\s*)?\b\d{4,}\b/gu;
const repeatedLetter = /(\p{L})\1{2,}/gu;
const repeatedSign = /([^\p{L}\p{N}\s])\1+/gu;

/**
 * NFKC, lower case, no control, zero-width or bidirectional characters, no runs of blanks, letters
 * repeated at most twice ("hallooo" → "halloo"), cut to `utteranceLengthMax` characters.
 */
export function clean(text: string): string {
  return text
    .slice(0, inspectedLengthMax)
    .normalize('NFKC')
    .toLowerCase()
    .replace(invisible, '')
    .replace(control, ' ')
    .replace(longNumber, ' ')
    .replace(repeatedLetter, '$1$1')
    .replace(repeatedSign, '$1')
    .trim()
    .slice(0, utteranceLengthMax)
    .trim();
}

const marks = /\p{M}+/gu;
const notWord = /[^\p{L}\p{N}]+/gu;
const doubled = /(\p{L})\1+/gu;

/**
 * The canonical form for n-grams: cleaned, umlauts written as plain vowels whichever way they were
 * typed (ä, ae, a), ß as ss, doubled letters once, only letters and digits parted by one blank.
 * Price: "Masse" and "Maße" are one word. Idempotent: `fold(fold(x)) = fold(x)`.
 */
export function fold(text: string): string {
  return clean(text)
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(marks, '')
    .replace(/ae/g, 'a')
    .replace(/oe/g, 'o')
    .replace(/(?<![aeq])ue/g, 'u')
    .replace(doubled, '$1')
    .replace(notWord, ' ')
    .trim();
}

/** The words of a text in canonical form; empty for text without letters or digits. */
export function words(text: string): string[] {
  const folded = fold(text);
  return folded === '' ? [] : folded.split(' ');
}
