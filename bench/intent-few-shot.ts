/**
 * Public intent sets, learned from five or ten phrasings an intent by the trainer that serves, and
 * asked the rest. Comparable with UNDERSTANDING.md; the sets are read where they lie, never copied.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '#core/protocol/entities.ts';
import { confidenceOf } from '#models/confidence.ts';
import type { Example } from '#models/corpus.ts';
import { areaUnderCurve } from '#models/evaluation/measures.ts';
import { evidenceOf } from '#models/evidence.ts';
import type { Glossary } from '#models/glossary.ts';
import { centred, scoresOf } from '#models/head.ts';
import { createLexicon } from '#models/lexicon.ts';
import type { Multiply } from '#models/matrix.ts';
import { readUtterance } from '#models/reading.ts';
import { coverageOf, trainModel } from '#models/trainer.ts';
import { seeded, shuffled } from './support/random.ts';

const folder = join(import.meta.dirname, '../../shared/data');

/** `test` and `foreign` are files of their own; without a test file the rest of `train` is asked. */
export type FewShotSet = { name: string; language: Language; test?: string; foreign?: string };
export type Tools = {
  encode: (line: string) => Promise<Float32Array>;
  multiply: Multiply;
  glossary: Glossary;
};
export type Shot = { accuracy: number; area: number; asked: number };

type Row = { text: string; intent: string };

const rowsOf = (set: FewShotSet, file: string): Row[] =>
  readFileSync(join(folder, set.name, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [text = '', intent = ''] = line.split('\t');
      return { text, intent: intent.trim() };
    });

/** @param askedMax so many utterances of the test split are asked, drawn by the seed. */
export async function fewShot(
  set: FewShotSet,
  shots: number,
  seed: number,
  askedMax: number,
  tools: Tools,
): Promise<Shot> {
  const chance = seeded(seed);
  const { train, rest } = split(shuffled(rowsOf(set, 'train.tsv'), chance), shots);
  const tests = set.test ? rowsOf(set, set.test) : rest;
  const asked = shuffled(tests, chance).slice(0, askedMax);
  const foreign = set.foreign ? rowsOf(set, set.foreign).slice(0, askedMax) : [];
  const ask = await learn(train, set.language, tools);
  const answers: { right: boolean; confidence: number }[] = [];
  for (const { text, intent } of asked) {
    const { first, confidence } = await ask(text);
    answers.push({ right: first === intent, confidence });
  }
  const strange: number[] = [];
  for (const { text } of foreign) strange.push((await ask(text)).confidence);
  return {
    accuracy: answers.filter(({ right }) => right).length / answers.length,
    area: areaUnderCurve(
      answers.map(({ confidence }) => confidence),
      strange,
    ),
    asked: asked.length,
  };
}

function split(rows: readonly Row[], shots: number): { train: Row[]; rest: Row[] } {
  const taken = new Map<string, number>();
  const train: Row[] = [];
  const rest: Row[] = [];
  for (const row of rows) {
    const count = taken.get(row.intent) ?? 0;
    (count < shots ? train : rest).push(row);
    taken.set(row.intent, count + 1);
  }
  return { train, rest };
}

async function learn(rows: readonly Row[], language: Language, tools: Tools) {
  const { encode, glossary } = tools;
  const examples = rows
    .map(({ text, intent }): Example => {
      return { text, language, intent, kind: 'article', source: 'phrasing' };
    })
    .filter(({ text }) => readUtterance(text, language, glossary).line !== '');
  const vectors: Float32Array[] = [];
  for (const { text } of examples)
    vectors.push(await encode(readUtterance(text, language, glossary).line));
  const dimensions = vectors[0]?.length ?? 0;
  const encodings = new Float32Array(vectors.length * dimensions);
  for (const [at, vector] of vectors.entries()) encodings.set(vector, at * dimensions);
  const model = await trainModel(examples, encodings, tools.multiply);
  const lexicon = createLexicon(model.lexicon);

  return async function ask(text: string): Promise<{ first: string; confidence: number }> {
    const { line, words } = readUtterance(text, language, glossary);
    if (line === '') return { first: '', confidence: 0 };
    const lexical = lexicon.similarities(text);
    const measured = scoresOf(model.head, centred(await encode(line), model.mean), lexical);
    const coverage = coverageOf(words, lexicon, 0);
    const reading = { language, coverage, wordCount: words.length };
    const evidence = evidenceOf({ ...measured, lexical }, model.labels, reading);
    const first = evidence.candidates[0]?.intent ?? '';
    return { first, confidence: confidenceOf(evidence, model.calibration) };
  };
}
