/**
 * Trains the intent head by kernel ridge regression. One inverse gives the weights *and* the score
 * of every example under a model that never saw it: exact leave-one-out cross-validation without
 * training again. Knows no files, threads or runtime.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of one length, indexed inside it
import type { Language } from '#core/protocol/entities.ts';
import { type Calibration, calibrate, type Judged } from './confidence.ts';
import type { Example } from './corpus.ts';
import { evidenceOf, type Labels } from './evidence.ts';
import { centred, type Head, kernel, meaningShare } from './head.ts';
import { type LanguageData, trainLanguage } from './language.ts';
import { buildLexicon, createLexicon, type LexiconData } from './lexicon.ts';
import { inverse, type Multiply, transpose } from './matrix.ts';
import { words } from './normalise.ts';
import { measureModel, type Quality } from './quality.ts';

/** Ridge: how much an example may be mistrusted. Between 0.2 and 1 nothing changes much. */
const ridge = 0.5;
/** Training costs n³; beyond this, examples are thinned evenly. 6 000 take about 10 s. */
export const examplesMax = 6000;
export type Model = {
  labels: Labels;
  head: Head;
  /** Mean of all encodings, taken out of each. */
  mean: Float32Array;
  lexicon: LexiconData;
  language: LanguageData;
  /** The examples that are passages: their rows, and what they speak for. */
  passages: { row: number; intent: string; language: Language }[];
  calibration: Calibration;
  quality: Quality;
};

/**
 * @param encodings one unit vector per example, `dimensions` floats each, row after row.
 * @param multiply matrix product; nearly all of the time goes there.
 * @throws when there are no examples of at least two intents.
 */
export async function trainModel(
  examples: readonly Example[],
  encodings: Float32Array,
  multiply: Multiply,
): Promise<Model> {
  const count = examples.length;
  const labels = labelsOf(examples);
  if (labels.intents.length < 2) throw new Error('training needs examples of at least two intents');
  const dimensions = encodings.length / count;
  const mean = meanOf(encodings, dimensions);
  const vectors = new Float32Array(encodings.length);
  for (let row = 0; row < count; row++)
    vectors.set(
      centred(encodings.subarray(row * dimensions, (row + 1) * dimensions), mean),
      row * dimensions,
    );
  const lexicon = buildLexicon(examples.map(({ text }) => text));
  const meaning = await multiply(
    vectors,
    transpose(vectors, count, dimensions),
    count,
    dimensions,
    count,
  );
  const lexical = lexicalMatrix(examples, lexicon);
  const gram = new Float32Array(count * count);
  for (let at = 0; at < gram.length; at++)
    gram[at] = kernel(meaningShare * meaning[at]! + (1 - meaningShare) * lexical[at]!);
  for (let row = 0; row < count; row++) gram[row * count + row]! += ridge;
  const inverted = await inverse(gram, count, multiply);
  const intentCount = labels.intents.length;
  const weights = await multiply(inverted, targetsOf(labels), count, count, intentCount);

  const heldOut = heldOutScores(inverted, weights, labels);
  const judged = judge(examples, labels, { meaning, lexical, heldOut }, lexicon);
  const calibration = calibrate(judged, temperatureOf(heldOut, examples, labels));
  return {
    labels,
    head: { examples: vectors, weights, dimensions, intentCount },
    mean,
    lexicon,
    language: trainLanguage(examples.filter(({ kind }) => kind !== 'out-of-scope')),
    passages: examples.flatMap(({ source, intent, language }, row) =>
      source === 'passage' ? [{ row, intent, language }] : [],
    ),
    calibration,
    quality: measureModel(judged, calibration, count, intentCount),
  };
}

function labelsOf(examples: readonly Example[]): Labels {
  const numbers = new Map<string, number>();
  for (const { intent } of examples) if (!numbers.has(intent)) numbers.set(intent, numbers.size);
  const owners = Uint16Array.from(examples, ({ intent }) => numbers.get(intent)!);
  const foreign = examples.find(({ kind }) => kind === 'out-of-scope')?.intent;
  const outOfScope = foreign === undefined ? -1 : numbers.get(foreign)!;
  return { intents: [...numbers.keys()], outOfScope, owners };
}

function meanOf(encodings: Float32Array, dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions);
  for (let at = 0; at < encodings.length; at++) mean[at % dimensions]! += encodings[at]!;
  return mean.map((sum) => (sum * dimensions) / encodings.length);
}

function lexicalMatrix(examples: readonly Example[], data: LexiconData): Float32Array {
  const lexicon = createLexicon(data);
  const matrix = new Float32Array(examples.length ** 2);
  for (const [row, { text }] of examples.entries())
    matrix.set(lexicon.similarities(text), row * examples.length);
  return matrix;
}

function targetsOf({ intents, owners }: Labels): Float32Array {
  const targets = new Float32Array(owners.length * intents.length);
  for (const [row, owner] of owners.entries()) targets[row * intents.length + owner] = 1;
  return targets;
}

/**
 * Score of example i by a model without i: y_i − α_i / P_ii, with P the inverse of the whole.
 * Exact; see Rasmussen and Williams, Gaussian Processes for Machine Learning, 5.4.2.
 */
function heldOutScores(
  inverted: Float32Array,
  weights: Float32Array,
  { intents, owners }: Labels,
): Float32Array {
  const count = owners.length;
  const width = intents.length;
  return weights.map((weight, at) => {
    const row = Math.floor(at / width);
    const target = owners[row] === at % width ? 1 : 0;
    return target - weight / inverted[row * count + row]!;
  });
}

/** Evidence and truth of every phrasing under the model that never saw it. */
function judge(
  examples: readonly Example[],
  labels: Labels,
  seen: { meaning: Float32Array; lexical: Float32Array; heldOut: Float32Array },
  data: LexiconData,
): Judged[] {
  const lexicon = createLexicon(data);
  const count = examples.length;
  const width = labels.intents.length;
  return examples.flatMap(({ text, language, intent, source, kind }, row) => {
    if (source !== 'phrasing') return [];
    const meaning = seen.meaning.subarray(row * count, (row + 1) * count);
    const lexical = seen.lexical.subarray(row * count, (row + 1) * count);
    const scores = seen.heldOut.subarray(row * width, (row + 1) * width);
    const list = words(text);
    const reading = { language, coverage: coverageOf(list, lexicon, 1), wordCount: list.length };
    const evidence = evidenceOf({ scores, meaning, lexical }, labels, reading, row);
    const inScope = kind !== 'out-of-scope';
    return [{ evidence, right: evidence.candidates[0]?.intent === intent, inScope }];
  });
}

/** Share of the words that two other examples know. @param own 1 when it is an example itself. */
export function coverageOf(
  list: readonly string[],
  lexicon: { occurrences: (word: string) => number },
  own: 0 | 1,
): number {
  const known = list.filter((word) => lexicon.occurrences(word) - own >= 2);
  return list.length === 0 ? 0 : known.length / list.length;
}

/** The temperature under which shares of the candidates are most truthful, on held-out scores. */
function temperatureOf(
  heldOut: Float32Array,
  examples: readonly Example[],
  { owners, intents }: Labels,
): number {
  const temperatures = [0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3];
  const losses = temperatures.map((temperature) => {
    let loss = 0;
    for (const [row, { source }] of examples.entries()) {
      if (source !== 'phrasing') continue;
      const scores = heldOut.subarray(row * intents.length, (row + 1) * intents.length);
      const own = Math.exp(scores[owners[row]!]! / temperature);
      loss -= Math.log(own / scores.reduce((sum, score) => sum + Math.exp(score / temperature), 0));
    }
    return loss;
  });
  return temperatures[losses.indexOf(Math.min(...losses))]!;
}
