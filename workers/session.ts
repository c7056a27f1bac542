/**
 * The one door to onnxruntime-node (rule I8): the sentence encoder, the intent head and matrix
 * products for training. `run()` blocks its thread, so only worker tasks import this file.
 * It knows nothing of articles, intents or conversations.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of known length in inner loops
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encoderFiles } from '#models/manifest.ts';
import type { Multiply } from '#models/matrix.ts';
import { writeOnnx } from '#models/onnx.ts';

/** More tokens than a chat line has; longer text is cut, since cost grows with length. */
const tokensMax = 96;
/** Opening mark, the word, closing mark. */
const wholeWordTokens = 3;

const optionsFor = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});

/**
 * The encoder of the manifest. @param threads 1 while serving: a second one takes the core of the
 * main thread. @param check compares the weights' checksum first and throws if it differs.
 * @returns `encode(line)`: mean-pooled unit vector of `dimensions` floats. One line at its true
 *   length: int8 scales are taken over a whole input, so a batch would give a phrasing another
 *   vector at training than at serving, and saves only a tenth of the time.
 */
export async function loadDefaultEncoder(threads: number, check = false) {
  const files = encoderFiles();
  const [weights, tokenizerJson, tokenizerConfig] = await Promise.all([
    readFile(files.model),
    readJson(join(files.tokenizer, 'tokenizer.json')),
    readJson(join(files.tokenizer, 'tokenizer_config.json')),
  ]);
  if (check && createHash('sha256').update(weights).digest('hex') !== files.sha256)
    throw new Error(`${files.model} is not the encoder that models/manifest.json names`);
  const session = await InferenceSession.create(weights, optionsFor(threads));
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  const output = session.outputNames[0]!;
  const { dimensions } = files;

  async function encode(line: string): Promise<Float32Array> {
    const ids = tokenizer.encode(line).ids;
    if (ids.length > tokensMax) ids.splice(tokensMax - 1, ids.length - tokensMax);
    const result = await session.run(feedsOf(ids));
    return meanPool((result[output] as Tensor).data as Float32Array, ids.length, dimensions);
  }

  /** True for a word that the encoder knows whole, as it does common English ones. */
  const isWord = (word: string): boolean => tokenizer.encode(word).ids.length === wholeWordTokens;

  return Object.freeze({ encode, isWord, dimensions, close: () => session.release() });
}

function feedsOf(ids: readonly number[]): Record<string, Tensor> {
  const shape = [1, ids.length];
  const filled = (value: bigint) => new BigInt64Array(ids.length).fill(value);
  return {
    input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape),
    attention_mask: new Tensor('int64', filled(1n), shape),
    token_type_ids: new Tensor('int64', filled(0n), shape),
  };
}

function meanPool(hidden: Float32Array, tokens: number, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let token = 0; token < tokens; token++)
    for (let at = 0; at < dimensions; at++) vector[at]! += hidden[token * dimensions + at]!;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => value / length);
}

/** A head written by `models/head.ts`: scores one encoding with its lexical similarities. */
export async function loadHead(onnx: Uint8Array) {
  const session = await InferenceSession.create(onnx, optionsFor(1));

  async function run({ encoding, lexical }: { encoding: Float32Array; lexical: Float32Array }) {
    const result = await session.run({
      encoding: new Tensor('float32', encoding, [1, encoding.length]),
      lexical: new Tensor('float32', lexical, [1, lexical.length]),
    });
    const read = (name: string) => (result[name] as Tensor).data as Float32Array;
    return { meaning: read('meaning'), scores: read('scores') };
  }

  return Object.freeze({ run, close: () => session.release() });
}

/** Matrix products by the runtime that is there anyway: some twenty times faster than loops. */
export async function loadMultiply(threads: number): Promise<Multiply> {
  const onnx = writeOnnx({
    name: 'product',
    inputs: [
      { name: 'a', shape: ['m', 'k'] },
      { name: 'b', shape: ['k', 'n'] },
    ],
    outputs: [{ name: 'c', shape: ['m', 'n'] }],
    weights: [],
    nodes: [{ operator: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
  });
  const session = await InferenceSession.create(onnx, optionsFor(threads));
  return async (a, b, m, k, n) => {
    const feeds = { a: new Tensor('float32', a, [m, k]), b: new Tensor('float32', b, [k, n]) };
    return ((await session.run(feeds)).c as Tensor).data as Float32Array;
  };
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, 'utf8'));
}
