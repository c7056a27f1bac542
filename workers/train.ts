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
import { encodeInThread } from './pool.ts';
import { loadDefaultEncoder, loadMultiply } from './session.ts';
import { type TrainInput, type TrainOutput, type TrainProgress, throwIfStopped } from './tasks.ts';

const reportEvery = 250;

type Input = TrainInput & { port?: { postMessage(progress: TrainProgress): void } };

export default async function train(input: Input): Promise<TrainOutput> {
  const start = performance.now();
  const encoder = await loadDefaultEncoder(1, true);
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
  const product = await loadMultiply(input.threads);
  const multiply: typeof product = (...factors) => {
    throwIfStopped(input.stop);
    return product(...factors);
  };
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
  const fresh = [...new Set(lines.filter((line) => !known.has(line)))];
  // Longest first and dealt in turn: both threads get the same amount of work.
  fresh.sort((a, b) => b.length - a.length);
  const isShared = input.threads > 1;
  const theirs = isShared ? fresh.filter((_, at) => at % 2 === 1) : [];
  const ours = isShared ? fresh.filter((_, at) => at % 2 === 0) : fresh;
  const elsewhere =
    theirs.length > 0 ? encodeInThread({ lines: theirs, stop: input.stop }) : undefined;
  try {
    for (const [at, line] of ours.entries()) {
      throwIfStopped(input.stop);
      known.set(line, await encoder.encode(line));
      if ((at + 1) % reportEvery === 0) input.port?.postMessage({ done: at + 1, of: ours.length });
    }
  } catch (error) {
    // This thread ends now, and the other one with it: not before it has left the runtime.
    await elsewhere?.catch(() => undefined);
    throw error;
  }
  remember(known, theirs, (await elsewhere) ?? new Float32Array(), encoder.dimensions);
  const encodings = new Float32Array(lines.length * encoder.dimensions);
  for (const [at, line] of lines.entries()) {
    encodings.set(known.get(line) ?? [], at * encoder.dimensions);
  }
  return encodings;
}

function remember(
  known: Map<string, Float32Array>,
  lines: readonly string[],
  encodings: Float32Array,
  dimensions: number,
): void {
  for (const [at, line] of lines.entries()) {
    known.set(line, encodings.subarray(at * dimensions, (at + 1) * dimensions));
  }
}

/** Line → encoding, from every readable model in the folder: they all share one encoder. */
async function encodedBefore(directory: string): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  for (const id of await readdir(directory).catch(() => [])) {
    if (!id.startsWith(encoderPrefix())) continue;
    const model = await loadModel(join(directory, id), id);
    if (!model) continue;
    remember(known, model.lines, model.encodings, model.mean.length);
  }
  return known;
}
