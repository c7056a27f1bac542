/**
 * Task: articles in, a trained and calibrated model on disk out. Encodes only lines that no older
 * model has encoded already. Runs in a thread of its own that ends with it; serves nothing.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { examplesOf } from '#models/corpus.ts';
import { loadGlossary } from '#models/glossary.ts';
import { encoderPrefix } from '#models/identity.ts';
import { mayServe } from '#models/quality.ts';
import { readUtterance, vocabularyOf } from '#models/reading.ts';
import { createSpeller } from '#models/spelling.ts';
import { loadModel, saveModel } from '#models/storage.ts';
import { examplesMax, trainModel } from '#models/trainer.ts';
import { loadDefaultEncoder, loadMultiply } from './session.ts';
import type { TrainInput, TrainOutput, TrainProgress } from './tasks.ts';

const reportEvery = 250;

type Input = TrainInput & { port?: { postMessage(progress: TrainProgress): void } };

export default async function train(input: Input): Promise<TrainOutput> {
  const start = performance.now();
  const encoder = await loadDefaultEncoder(input.threads, true);
  const all = examplesOf(input.articles);
  const vocabulary = vocabularyOf(all).filter(encoder.isWord);
  const glossary = loadGlossary();
  const speller = createSpeller(vocabulary, encoder.isWord);
  const step = Math.max(1, all.length / examplesMax);
  const read = all
    .filter((_, at) => Math.floor(at / step) > Math.floor((at - 1) / step))
    .map((example) => {
      const { text, language } = example;
      return { example, line: readUtterance(text, language, glossary, speller).line };
    })
    .filter(({ line }) => line !== '');
  const examples = read.map(({ example }) => example);
  const lines = read.map(({ line }) => line);
  const encodings = await encode(lines, encoder, input);
  await encoder.close();
  const encodeSeconds = (performance.now() - start) / 1000;
  const multiply = await loadMultiply(input.threads);
  const model = await trainModel(examples, encodings, multiply);
  if (!mayServe(model.quality)) return { trained: false, quality: model.quality };
  const folder = join(input.directory, input.id);
  await saveModel(folder, input.id, model, { lines, encodings, vocabulary });
  const total = (performance.now() - start) / 1000;
  return { trained: true, quality: model.quality, seconds: { encode: encodeSeconds, total } };
}

type Encoder = Awaited<ReturnType<typeof loadDefaultEncoder>>;

async function encode(lines: string[], encoder: Encoder, input: Input): Promise<Float32Array> {
  const known = await encodedBefore(input.directory);
  const fresh = lines.filter((line) => !known.has(line)).length;
  const encodings = new Float32Array(lines.length * encoder.dimensions);
  let done = 0;
  for (const [at, line] of lines.entries()) {
    const vector = known.get(line) ?? (await encoder.encode(line));
    if (!known.has(line) && ++done % reportEvery === 0)
      input.port?.postMessage({ done, of: fresh });
    known.set(line, vector);
    encodings.set(vector, at * encoder.dimensions);
  }
  return encodings;
}

/** Line → encoding, from every readable model in the folder: they all share one encoder. */
async function encodedBefore(directory: string): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  for (const id of await readdir(directory).catch(() => [])) {
    if (!id.startsWith(encoderPrefix())) continue;
    const model = await loadModel(join(directory, id), id);
    if (!model) continue;
    const dimensions = model.mean.length;
    for (const [at, line] of model.lines.entries())
      known.set(line, model.encodings.subarray(at * dimensions, (at + 1) * dimensions));
  }
  return known;
}
