/**
 * A model as files in a folder of its own: written beside, renamed into place, checked on reading.
 * A half-written or damaged folder reads as "no model", so that it is trained anew.
 */
// biome-ignore-all lint/style/noNonNullAssertion: lengths are checked against the table first
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { headToOnnx } from './head.ts';
import { transpose } from './matrix.ts';
import type { Model } from './trainer.ts';

const files = ['head.onnx', 'numbers.bin', 'model.json'] as const;
const formatVersion = 1;

/** What serving needs; the head is inside `onnx`. */
export type StoredModel = Omit<Model, 'head'> & { id: string; onnx: Uint8Array };

/** Also kept: encodings and their lines, so that retraining is quick, and words for spelling. */
export type Encoded = { lines: string[]; encodings: Float32Array; vocabulary: string[] };

const arrays = ['mean', 'idf', 'starts', 'examples', 'weights', 'owners', 'encodings'] as const;

/**
 * Writes the model so that a folder of that name is whole or absent. Another process may have
 * written the same content first; then its folder stays.
 */
export async function saveModel(
  folder: string,
  id: string,
  model: Model,
  encoded: Encoded,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const beside = await mkdtemp(`${folder}.new-`);
  const { head, labels, lexicon, mean, ...rest } = model;
  const count = head.examples.length / head.dimensions;
  const { terms, exampleCount, idf, starts, examples, weights } = lexicon;
  const owners = Uint32Array.from(labels.owners);
  const packed = pack({
    mean,
    idf,
    starts,
    examples,
    weights,
    owners,
    encodings: encoded.encodings,
  });
  const onnx = headToOnnx(head, transpose(head.examples, count, head.dimensions));
  const json = {
    formatVersion,
    id,
    ...rest,
    labels: { intents: labels.intents, outOfScope: labels.outOfScope },
    terms,
    exampleCount,
    lines: encoded.lines,
    vocabulary: encoded.vocabulary,
    lengths: packed.lengths,
    sums: { 'head.onnx': sum(onnx), 'numbers.bin': sum(packed.bytes) },
  };
  await writeFile(join(beside, 'head.onnx'), onnx);
  await writeFile(join(beside, 'numbers.bin'), packed.bytes);
  await writeFile(join(beside, 'model.json'), JSON.stringify(json));
  await rename(beside, folder).catch(async (error) => {
    const stands = await loadModel(folder, id);
    if (!stands) await rm(folder, { recursive: true, force: true });
    if (!stands) return rename(beside, folder);
    await rm(beside, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  });
}

/** @returns undefined when the folder is missing, damaged, of another format or another model. */
export async function loadModel(
  folder: string,
  id: string,
): Promise<(StoredModel & Encoded) | undefined> {
  try {
    const [onnx, numbers, text] = await Promise.all(
      files.map((name) => readFile(join(folder, name))),
    );
    const {
      sums,
      lengths,
      terms,
      exampleCount,
      formatVersion: version,
      ...json
    } = JSON.parse(String(text));
    if (version !== formatVersion || json.id !== id) return undefined;
    if (sum(onnx!) !== sums['head.onnx'] || sum(numbers!) !== sums['numbers.bin']) return undefined;
    const { mean, idf, starts, examples, weights, owners, encodings } = unpack(numbers!, lengths);
    return {
      ...json,
      onnx: onnx!,
      mean: mean as Float32Array,
      encodings: encodings as Float32Array,
      labels: { ...json.labels, owners: Uint16Array.from(owners!) },
      lexicon: { terms, exampleCount, idf, starts, examples, weights },
    };
  } catch {
    return undefined;
  }
}

/** Models, or indexes of models, that are kept: also those of other processes on the same folder. */
const foldersKept = 4;

/** Removes all but the newest folders; what cannot be removed stays. */
export async function keepNewest(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const aged = await Promise.all(
    names.map(async (name) => {
      const folder = join(directory, name);
      return { folder, at: (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const old = aged.sort((a, b) => b.at - a.at).slice(foldersKept);
  for (const { folder } of old) await rm(folder, { recursive: true, force: true }).catch(() => {});
}

type Numbers = Float32Array | Uint32Array;

function pack(parts: Record<(typeof arrays)[number], Numbers>) {
  const lengths = arrays.map((name) => parts[name].length);
  const bytes = Buffer.concat(arrays.map((name) => bytesOf(parts[name])));
  return { lengths, bytes };
}

function unpack(bytes: Buffer, lengths: number[]): Record<string, Numbers> {
  const aligned = new Uint8Array(bytes).buffer;
  const whole = ['starts', 'examples', 'owners'];
  let at = 0;
  const parts = arrays.map((name, index) => {
    const length = lengths[index]!;
    const part = whole.includes(name)
      ? new Uint32Array(aligned, at, length)
      : new Float32Array(aligned, at, length);
    at += length * 4;
    return [name, part];
  });
  return Object.fromEntries(parts);
}

const bytesOf = (part: Numbers) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
