/**
 * The intent head: a kernel machine over the examples. Similar by meaning and by letters makes a
 * kernel k = exp(γ(s − 1)); the score of an intent is k times its column of weights.
 * Written as ONNX for serving; `scoresOf` is the same in plain loops, and a test holds them equal.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of one length, indexed inside it
import { type OnnxGraph, writeOnnx } from './onnx.ts';

/** Share of meaning in the similarity; the rest is letters. Chosen by cross-validation. */
export const meaningShare = 0.8;
/** Steepness of the kernel; between 1 and 3 nothing changes by more than half a point. */
export const gamma = 2;

export type Head = {
  /** exampleCount × dimensions, centred unit vectors. */
  examples: Float32Array;
  /** exampleCount × intentCount. */
  weights: Float32Array;
  dimensions: number;
  intentCount: number;
};

export const kernel = (similarity: number): number => Math.exp(gamma * (similarity - 1));

/** Takes the mean of all examples out of a vector, so that cosines spread, and scales it to 1. */
export function centred(vector: Float32Array, mean: Float32Array): Float32Array {
  const moved = vector.map((value, at) => value - mean[at]!);
  const length = Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0)) || 1;
  return moved.map((value) => value / length);
}

/**
 * Inputs `encoding` [1, dimensions] and `lexical` [1, examples]; outputs `meaning` [1, examples]
 * (cosines) and `scores` [1, intents].
 */
export function headToOnnx(head: Head, turnedExamples: Float32Array): Uint8Array {
  const { dimensions, intentCount } = head;
  const count = head.examples.length / dimensions;
  const constant = (name: string, value: number) => ({
    name,
    shape: [1],
    values: Float32Array.of(value),
  });
  const node = (operator: string, inputs: string[], output: string) => ({
    operator,
    inputs,
    outputs: [output],
  });
  const graph: OnnxGraph = {
    name: 'tresen-intent-head',
    inputs: [
      { name: 'encoding', shape: [1, dimensions] },
      { name: 'lexical', shape: [1, count] },
    ],
    outputs: [
      { name: 'meaning', shape: [1, count] },
      { name: 'scores', shape: [1, intentCount] },
    ],
    weights: [
      { name: 'examples', shape: [dimensions, count], values: turnedExamples },
      { name: 'weights', shape: [count, intentCount], values: head.weights },
      constant('meaningSlope', gamma * meaningShare),
      constant('lexicalSlope', gamma * (1 - meaningShare)),
      constant('offset', -gamma),
    ],
    nodes: [
      node('MatMul', ['encoding', 'examples'], 'meaning'),
      node('Mul', ['meaning', 'meaningSlope'], 'byMeaning'),
      node('Mul', ['lexical', 'lexicalSlope'], 'byLetters'),
      node('Add', ['byMeaning', 'byLetters'], 'both'),
      node('Add', ['both', 'offset'], 'exponent'),
      node('Exp', ['exponent'], 'kernel'),
      node('MatMul', ['kernel', 'weights'], 'scores'),
    ],
  };
  return writeOnnx(graph);
}

/** The head in plain loops: cosines by meaning and scores for one centred encoding. */
export function scoresOf(head: Head, encoding: Float32Array, lexical: Float32Array) {
  const meaning = new Float32Array(lexical.length);
  const scores = new Float32Array(head.intentCount);
  for (let example = 0; example < lexical.length; example++) {
    let cosine = 0;
    const start = example * head.dimensions;
    for (let at = 0; at < head.dimensions; at++)
      cosine += encoding[at]! * head.examples[start + at]!;
    meaning[example] = cosine;
    const k = kernel(meaningShare * cosine + (1 - meaningShare) * lexical[example]!);
    const row = example * head.intentCount;
    for (let intent = 0; intent < head.intentCount; intent++)
      scores[intent]! += k * head.weights[row + intent]!;
  }
  return { meaning, scores };
}
