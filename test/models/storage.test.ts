/** A model's folder is whole, or it is no model: half-written, damaged or foreign ones read as none. */
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examplesOf } from '#models/corpus.ts';
import { multiplyPlain } from '#models/matrix.ts';
import { keepNewest, loadModel, saveModel } from '#models/storage.ts';
import { type Model, trainModel } from '#models/trainer.ts';
import { smallKnowledge } from './small-knowledge.ts';

let root = '';
let model: Model;
const examples = examplesOf(smallKnowledge);
const encodings = Float32Array.from({ length: examples.length * 4 }, (_, at) => Math.cos(at * at));
const lines = examples.map(({ text }) => text);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tresen-storage-'));
  model = await trainModel(examples, encodings, multiplyPlain);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = (name: string) => join(root, name);

it('reads back what was written', async () => {
  await saveModel(folder('a'), 'a', model, { lines, encodings, vocabulary: [] });
  const read = await loadModel(folder('a'), 'a');
  expect(read?.labels).toEqual(model.labels);
  expect(read?.lexicon).toEqual(model.lexicon);
  expect(read?.mean).toEqual(model.mean);
  expect(read?.encodings).toEqual(encodings);
  expect(read?.lines).toEqual(lines);
  expect(read?.calibration).toEqual(model.calibration);
});

it('may be written twice at the same time, and leaves nothing beside', async () => {
  await Promise.all(
    [1, 2, 3].map(() => saveModel(folder('b'), 'b', model, { lines, encodings, vocabulary: [] })),
  );
  expect(await loadModel(folder('b'), 'b')).toBeDefined();
  expect((await readdir(root)).filter((name) => name.includes('.new-'))).toEqual([]);
});

it.each([
  ['missing', () => rm(folder('c'), { recursive: true })],
  ['cut off', () => truncate(join(folder('c'), 'numbers.bin'), 100)],
  ['no JSON', () => writeFile(join(folder('c'), 'model.json'), '{')],
  ['one bit off', () => flip(join(folder('c'), 'head.onnx'))],
])('%s: read as none, and replaced when written again', async (_, harm) => {
  await saveModel(folder('c'), 'c', model, { lines, encodings, vocabulary: [] });
  await harm();
  expect(await loadModel(folder('c'), 'c')).toBeUndefined();
  await saveModel(folder('c'), 'c', model, { lines, encodings, vocabulary: [] });
  expect(await loadModel(folder('c'), 'c')).toBeDefined();
});

it('is none under another id', async () => {
  await saveModel(folder('d'), 'd', model, { lines, encodings, vocabulary: [] });
  expect(await loadModel(folder('d'), 'other')).toBeUndefined();
});

it('keeps the four newest models', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'tresen-kept-'));
  for (const [at, name] of ['f', 'e', 'd', 'c', 'b', 'a'].entries()) {
    await mkdir(join(kept, name));
    await utimes(join(kept, name), at, at);
  }
  await keepNewest(kept);
  expect((await readdir(kept)).sort()).toEqual(['a', 'b', 'c', 'd']);
  await keepNewest(join(kept, 'missing'));
  await rm(kept, { recursive: true });
});

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(file, bytes);
}
