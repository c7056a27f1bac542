/**
 * From evidence to probability: how likely the utterance is in scope, times how likely the first
 * candidate is right if it is. Two logistic regressions on held-out evidence, and the thresholds
 * that follow. Pure arithmetic; it knows neither articles nor what is done with a probability.
 */
// biome-ignore-all lint/style/noNonNullAssertion: vectors of one length, indexed inside it
import type { Evidence } from './evidence.ts';

export type Calibration = {
  /** Means and spreads by which factors are made comparable. */
  centre: number[];
  scale: number[];
  inScope: number[];
  right: number[];
  /** Divides the head's scores before they become shares of the candidates. */
  temperature: number;
  answer: number;
  askBack: number;
};

export type Judged = { evidence: Evidence; right: boolean; inScope: boolean };

/**
 * False answers allowed on held-out out-of-scope utterances. The aim is 5 % in use; examples come
 * in families, so leaving out one at a time is a little too kind.
 */
const falseAnswersMax = 0.04;
const answerMin = 0.4;
const answerMax = 0.9;
/** Of what contacts write, this share is no matter for an article: the prior of being in scope. */
const outOfScopeShare = 0.2;
const rounds = 25;
const ridge = 1;

function factorsOf({ candidates, outOfScope, coverage, wordCount, language }: Evidence): number[] {
  const first = candidates[0] ?? { score: 0, meaning: 0, lexical: 0 };
  const margin = first.score - (candidates[1]?.score ?? 0);
  return [
    first.score,
    margin,
    Math.sqrt(Math.max(0, margin)),
    outOfScope.score,
    first.meaning,
    Math.max(0, first.meaning - 0.6),
    outOfScope.meaning,
    first.lexical,
    coverage,
    Math.min(wordCount, 12) / 12,
    wordCount <= 1 ? 1 : 0,
    language === 'de' ? 1 : 0,
  ];
}

/** @returns probability, 0 to 1, that the first candidate is right and the utterance in scope. */
export function confidenceOf(evidence: Evidence, calibration: Calibration): number {
  if (evidence.candidates.length === 0 || evidence.wordCount === 0) return 0;
  const input = comparable(factorsOf(evidence), calibration);
  return chance(calibration.inScope, input) * chance(calibration.right, input);
}

/** Fits weights and thresholds on evidence that never saw its own utterance. */
export function calibrate(judged: readonly Judged[], temperature: number): Calibration {
  const rows = judged.map(({ evidence }) => factorsOf(evidence));
  const centre = (rows[0] ?? []).map((_, at) => mean(rows.map((row) => row[at]!)));
  const scale = centre.map(
    (middle, at) => Math.sqrt(mean(rows.map((row) => (row[at]! - middle) ** 2))) || 1,
  );
  const inputs = rows.map((row) => comparable(row, { centre, scale }));
  const foreign = judged.filter(({ inScope }) => !inScope).length;
  const own = judged.length - foreign;
  const weight = foreign === 0 ? 1 : (outOfScopeShare / (1 - outOfScopeShare)) * (own / foreign);
  const inScope = fitLogistic(
    inputs,
    judged.map((one) => (one.inScope ? 1 : 0)),
    judged.map((one) => (one.inScope ? 1 : weight)),
  );
  const inside = judged.flatMap((one, at) => (one.inScope ? [at] : []));
  const right = fitLogistic(
    inside.map((at) => inputs[at]!),
    inside.map((at) => (judged[at]!.right ? 1 : 0)),
    inside.map(() => 1),
  );
  const draft = { centre, scale, inScope, right, temperature, answer: 1, askBack: 1 };
  return { ...draft, ...thresholdsOf(judged, draft) };
}

/**
 * Answer from where no more than `falseAnswersMax` of the out-of-scope utterances are answered.
 * Ask back from where it is likelier than not that the right one is among those offered.
 */
function thresholdsOf(
  judged: readonly Judged[],
  draft: Calibration,
): { answer: number; askBack: number } {
  const foreign = judged
    .filter(({ inScope }) => !inScope)
    .map(({ evidence }) => confidenceOf(evidence, draft))
    .sort((a, b) => a - b);
  const limit = foreign[Math.floor((1 - falseAnswersMax) * foreign.length)] ?? 0.5;
  return { answer: Math.min(answerMax, Math.max(answerMin, limit)), askBack: 0.5 };
}

function comparable(
  factors: number[],
  { centre, scale }: Pick<Calibration, 'centre' | 'scale'>,
): number[] {
  return [...factors.map((factor, at) => (factor - centre[at]!) / scale[at]!), 1];
}

const chance = (weights: readonly number[], input: readonly number[]): number =>
  1 / (1 + Math.exp(-dot(weights, input)));

/** Newton's method on the ridged log-likelihood; the last weight is the free intercept. */
export function fitLogistic(
  inputs: readonly number[][],
  targets: readonly number[],
  importance: readonly number[],
): number[] {
  const width = inputs[0]?.length ?? 0;
  let weights = new Array<number>(width).fill(0);
  for (let round = 0; round < rounds; round++) {
    const gradient = weights.map((weight, at) => (at < width - 1 ? -ridge * weight : 0));
    const curvature = gradient.map((_, row) =>
      gradient.map((__, column) => (row === column ? (row < width - 1 ? ridge : 1e-6) : 0)),
    );
    for (const [index, input] of inputs.entries()) {
      const guess = chance(weights, input);
      const spread = guess * (1 - guess) * importance[index]!;
      for (let row = 0; row < width; row++) {
        gradient[row]! += importance[index]! * (targets[index]! - guess) * input[row]!;
        for (let column = 0; column < width; column++)
          curvature[row]![column]! += spread * input[row]! * input[column]!;
      }
    }
    const step = solve(curvature, gradient);
    weights = weights.map((weight, at) => weight + step[at]!);
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  return weights;
}

/** Gaussian elimination with pivoting; `matrix` and `right` are used up. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    for (let row = column + 1; row < n; row++) {
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let at = column; at < n; at++) matrix[row]![at]! -= factor * matrix[column]![at]!;
      right[row]! -= factor * right[column]!;
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let at = row + 1; at < n; at++) right[row]! -= matrix[row]![at]! * right[at]!;
    right[row]! /= matrix[row]![row]!;
  }
  return right;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}
