/**
 * Task: one utterance in, evidence for each intent out. Runs in the inference thread; loads encoder
 * and head once, when the thread starts, and refuses to know articles, thresholds or conversations.
 */
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { evidenceOf } from '#models/evidence.ts';
import { loadGlossary } from '#models/glossary.ts';
import { centred } from '#models/head.ts';
import { createLanguageDetector } from '#models/language.ts';
import { createLexicon } from '#models/lexicon.ts';
import { readUtterance } from '#models/reading.ts';
import { createSpeller } from '#models/spelling.ts';
import { loadModel } from '#models/storage.ts';
import { coverageOf } from '#models/trainer.ts';
import { loadDefaultEncoder, loadHead } from './session.ts';
import type { UnderstandInput, UnderstandOutput, UnderstandSetup } from './tasks.ts';

async function prepare({ directory, id }: UnderstandSetup) {
  const [encoder, model] = await Promise.all([
    loadDefaultEncoder(1),
    loadModel(join(directory, id), id),
  ]);
  if (!model) throw new Error(`the model ${id} is missing or damaged`);
  const head = await loadHead(model.onnx);
  const glossary = loadGlossary();
  const speller = createSpeller(model.vocabulary, encoder.isWord);
  const lexicon = createLexicon(model.lexicon);
  const detector = createLanguageDetector(model.language);

  return async function understand({ text, language }: UnderstandInput): Promise<UnderstandOutput> {
    const start = performance.now();
    const detected = detector.detect(text, language);
    const { line, words } = readUtterance(text, detected, glossary, speller);
    const reading = {
      language: detected,
      coverage: coverageOf(words, lexicon, 0),
      wordCount: words.length,
    };
    if (line === '') {
      const evidence = { ...reading, candidates: [], outOfScope: { score: 0, meaning: 0 } };
      return { evidence, encodeMs: 0, totalMs: performance.now() - start };
    }
    const encoding = centred(await encoder.encode(line), model.mean);
    const encodeMs = performance.now() - start;
    const lexical = lexicon.similarities(text);
    const { meaning, scores } = await head.run({ encoding, lexical });
    const evidence = evidenceOf({ scores, meaning, lexical }, model.labels, reading);
    return { evidence, encoding, encodeMs, totalMs: performance.now() - start };
  };
}

const ready = prepare(workerData as UnderstandSetup);
ready.catch(() => undefined);

export default async (input: UnderstandInput): Promise<UnderstandOutput> => (await ready)(input);
