/**
 * One typing error at a time: which words differ by one letter lost, added, changed or swapped,
 * and which word of a given vocabulary was meant. Pure string work; it brings no vocabulary.
 */

/** The word itself and every form of it with one letter taken out. */
export function deletions(word: string): string[] {
  const forms = [word];
  for (let at = 0; at < word.length; at++) forms.push(word.slice(0, at) + word.slice(at + 1));
  return forms;
}

/** True when one insertion, deletion, change or swap of neighbours makes `b` out of `a`. */
export function withinOneEdit(a: string, b: string): boolean {
  const shared = Math.min(a.length, b.length);
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < shared && a[start] === b[start]) start++;
  let end = 0;
  while (end < shared - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const restA = a.length - start - end;
  const restB = b.length - start - end;
  if (restA <= 1 && restB <= 1) return true;
  return restA === 2 && restB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
}

/** Shorter words have too many neighbours. */
const correctedLengthMin = 5;

/**
 * @param vocabulary words that may be meant, the likeliest first.
 * @param isWord what it accepts is never corrected, so that "weather" does not become "leather".
 */
export function createSpeller(vocabulary: readonly string[], isWord: (word: string) => boolean) {
  const near = new Map<string, string[]>();
  for (const word of vocabulary)
    for (const form of deletions(word)) near.set(form, [...(near.get(form) ?? []), word]);

  /** The word itself, or the first one of the vocabulary that is one typing error away. */
  function correct(word: string): string {
    if (word.length < correctedLengthMin || isWord(word)) return word;
    for (const form of deletions(word))
      for (const meant of near.get(form) ?? []) if (withinOneEdit(word, meant)) return meant;
    return word;
  }

  return Object.freeze({ correct });
}

export type Speller = ReturnType<typeof createSpeller>;
