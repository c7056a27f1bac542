/**
 * German in the words of an English encoder: "rücksendeschein verloren" → "return label lost".
 * Word by word, by a list of our own (`glossary/german.txt`): exact, inflected, compound, misspelt.
 * No translation, and no claim to be one: what is unknown passes through, n-grams see the rest.
 */
import { readFileSync } from 'node:fs';
import { fold } from './normalise.ts';
import { deletions, withinOneEdit } from './spelling.ts';

const endings = new Set(
  (
    'e en er es em n s t st et te ten ter tes tem est end ende enden ender endes nen ung ungen in ' +
    'innen chen lich liche lichen bar ige igen ens erin isch ische ischen ischer isches'
  ).split(' '),
);
const links = ['', 's', 'n', 'en', 'es', 'e', 'er'];
const partLengthMin = 3;
const stemLengthMin = 4;
const fuzzyLengthMin = 5;
const wordLengthMax = 40;

/** Parses `english = german german …` lines; `#` opens a comment. Throws on any other line. */
export function parseGlossary(source: string): Map<string, string> {
  const glossary = new Map<string, string>();
  for (const [index, line] of source.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [english, german] = line.split(' = ');
    if (!english || !german)
      throw new Error(`glossary line ${index + 1}: expected "english = german"`);
    for (const word of german.trim().split(/\s+/)) {
      const key = fold(word.replaceAll('_', ' '));
      if (!glossary.has(key)) glossary.set(key, english);
    }
  }
  return glossary;
}

/** The glossary that comes with Tresen. */
export function loadGlossary() {
  const file = new URL('./glossary/german.txt', import.meta.url);
  return createGlossary(parseGlossary(readFileSync(file, 'utf8')));
}

/** @returns `gloss(words)`: English for canonical German words (see `fold`), in their order. */
export function createGlossary(entries: Map<string, string>) {
  const near = new Map<string, string[]>();
  for (const key of entries.keys())
    if (key.length >= fuzzyLengthMin && !key.includes(' '))
      for (const form of deletions(key)) near.set(form, [...(near.get(form) ?? []), key]);
  const known = new Map<string, string | undefined>();

  function gloss(words: readonly string[]): string[] {
    const english: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const pair = entries.get(`${words[at]} ${words[at + 1]}`);
      if (pair) english.push(pair);
      if (pair) at++;
      else english.push(glossOf(words[at] as string) ?? (words[at] as string));
    }
    return english;
  }

  function glossOf(word: string): string | undefined {
    if (word.length > wordLengthMax) return undefined;
    if (known.size > 20_000) known.clear();
    if (!known.has(word)) known.set(word, inflected(word) ?? compound(word) ?? misspelt(word));
    return known.get(word);
  }

  function inflected(word: string): string | undefined {
    const exact = entries.get(word);
    if (exact) return exact;
    for (let length = word.length - 1; length >= stemLengthMin; length--) {
      if (!endings.has(word.slice(length))) continue;
      const stem = word.slice(0, length);
      const found = entries.get(stem) ?? entries.get(`${stem}en`) ?? entries.get(`${stem}e`);
      if (found) return found;
    }
    return undefined;
  }

  function compound(word: string, depth = 0): string | undefined {
    for (let length = word.length - partLengthMin; length >= partLengthMin; length--) {
      const head = headOf(word.slice(0, length));
      if (!head) continue;
      const rest = word.slice(length);
      const tail = inflected(rest) ?? (depth < 2 ? compound(rest, depth + 1) : undefined);
      if (tail) return `${head} ${tail}`;
    }
    return undefined;
  }

  function headOf(part: string): string | undefined {
    for (const link of links) {
      if (!part.endsWith(link) || part.length - link.length < partLengthMin) continue;
      const stem = part.slice(0, part.length - link.length);
      const found =
        entries.get(stem) ?? (stem.length >= stemLengthMin ? entries.get(`${stem}en`) : undefined);
      if (found) return found;
    }
    return undefined;
  }

  function misspelt(word: string): string | undefined {
    if (word.length < fuzzyLengthMin) return undefined;
    for (const form of [word, ...deletions(word)])
      for (const key of near.get(form) ?? []) if (withinOneEdit(word, key)) return entries.get(key);
    return undefined;
  }

  return Object.freeze({ gloss, knows: (word: string) => glossOf(word) !== undefined });
}

export type Glossary = ReturnType<typeof createGlossary>;
