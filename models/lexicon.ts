/**
 * What an utterance shares with each example letter by letter: tf-idf over character n-grams
 * (2 to 5, inside words), words and word pairs, looked up through an inverted index.
 * It sees product names, numbers and typing errors that no encoder knows. It knows no meaning.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of known length, indexed inside it
import { words } from './normalise.ts';

export type LexiconData = {
  terms: string[];
  idf: Float32Array;
  /** Postings of term t are at `starts[t]` to `starts[t + 1]`. */
  starts: Uint32Array;
  examples: Uint32Array;
  weights: Float32Array;
  exampleCount: number;
};

const gramMin = 2;
const gramMax = 5;
const exampleCountMin = 2;

/** @returns term → how often; character grams open with `c`, words with `w`, pairs with `p`. */
export function termsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (term: string) => counts.set(term, (counts.get(term) ?? 0) + 1);
  const list = words(text);
  let before = '<';
  for (const word of list) {
    const padded = ` ${word} `;
    for (let length = gramMin; length <= gramMax; length++)
      for (let at = 0; at + length <= padded.length; at++) add(`c${padded.slice(at, at + length)}`);
    add(`w${word}`);
    add(`p${before} ${word}`);
    before = word;
  }
  if (list.length > 0) add(`p${before} >`);
  return counts;
}

/** Learns terms that occur in at least two examples, and the weight of each in each example. */
export function buildLexicon(texts: readonly string[]): LexiconData {
  const counted = texts.map(termsOf);
  const frequency = new Map<string, number>();
  for (const counts of counted)
    for (const term of counts.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const terms = [...frequency.keys()].filter((term) => frequency.get(term)! >= exampleCountMin);
  const idf = Float32Array.from(
    terms,
    (term) => Math.log((texts.length + 1) / (frequency.get(term)! + 1)) + 1,
  );
  const number = new Map(terms.map((term, at) => [term, at]));
  const starts = new Uint32Array(terms.length + 1);
  for (const [at, term] of terms.entries()) starts[at + 1] = starts[at]! + frequency.get(term)!;
  const next = starts.slice();
  const examples = new Uint32Array(starts[terms.length]!);
  const weights = new Float32Array(examples.length);
  for (const [example, counts] of counted.entries())
    for (const [term, weight] of weigh(counts, number, idf)) {
      examples[next[term]!] = example;
      weights[next[term]!++] = weight;
    }
  return { terms, idf, starts, examples, weights, exampleCount: texts.length };
}

export function createLexicon(data: LexiconData) {
  const number = new Map(data.terms.map((term, at) => [term, at]));

  /** Cosine of the utterance with every example, 0 to 1. */
  function similarities(text: string): Float32Array {
    const similar = new Float32Array(data.exampleCount);
    for (const [term, weight] of weigh(termsOf(text), number, data.idf))
      for (let at = data.starts[term]!; at < data.starts[term + 1]!; at++)
        similar[data.examples[at]!]! += weight * data.weights[at]!;
    return similar;
  }

  /** In how many examples the word occurs; 0 for a word seen once or never. */
  function occurrences(word: string): number {
    const term = number.get(`w${word}`);
    return term === undefined ? 0 : data.starts[term + 1]! - data.starts[term]!;
  }

  return Object.freeze({ similarities, occurrences });
}

export type Lexicon = ReturnType<typeof createLexicon>;

/** tf-idf of the known terms, scaled to length 1. */
function weigh(
  counts: Map<string, number>,
  number: Map<string, number>,
  idf: Float32Array,
): [number, number][] {
  const weighed: [number, number][] = [];
  let square = 0;
  for (const [term, count] of counts) {
    const at = number.get(term);
    if (at === undefined) continue;
    const weight = (1 + Math.log(count)) * idf[at]!;
    weighed.push([at, weight]);
    square += weight * weight;
  }
  const scale = 1 / Math.sqrt(square || 1);
  for (const pair of weighed) pair[1] *= scale;
  return weighed;
}
