/**
 * Training on made-up vectors, without an encoder: it learns, and its held-out scores are exactly
 * those of models trained without the example.
 */
import { describe, expect, it } from 'vitest';
import type { Example } from '#models/corpus.ts';
import { examplesOf } from '#models/corpus.ts';
import { scoresOf } from '#models/head.ts';
import { createLexicon } from '#models/lexicon.ts';
import { multiplyPlain } from '#models/matrix.ts';
import { mayServe } from '#models/quality.ts';
import { trainModel } from '#models/trainer.ts';
import { smallKnowledge } from './small-knowledge.ts';

const dimensions = 16;
const intents = [...new Set(smallKnowledge.map(({ id }) => id))];

/** Near its intent's axis, with some noise of its own. */
function encodingsOf(examples: readonly Example[]): Float32Array {
  const encodings = new Float32Array(examples.length * dimensions);
  for (const [row, { intent }] of examples.entries()) {
    for (let at = 0; at < dimensions; at++)
      encodings[row * dimensions + at] = 0.15 * Math.sin(row * 37.1 + at * 11.3);
    encodings[row * dimensions + intents.indexOf(intent)] = 0.9;
  }
  return encodings;
}

describe('trainModel', async () => {
  const examples = examplesOf(smallKnowledge);
  const model = await trainModel(examples, encodingsOf(examples), multiplyPlain);

  it('learns what is there to learn', () => {
    expect(model.quality.accuracy).toBeGreaterThan(0.9);
    expect(mayServe(model.quality)).toBe(true);
    expect(model.labels.intents).toEqual(intents);
    expect(model.labels.outOfScope).toBe(intents.indexOf('out-of-scope'));
    expect(model.passages.every(({ intent }) => intent !== 'out-of-scope')).toBe(true);
  });

  it('scores its own examples highest for their intent', () => {
    const lexicon = createLexicon(model.lexicon);
    for (const [row, { text, intent }] of examples.entries()) {
      const encoding = model.head.examples.slice(row * dimensions, (row + 1) * dimensions);
      const { scores } = scoresOf(model.head, encoding, lexicon.similarities(text));
      expect(intents[scores.indexOf(Math.max(...scores))]).toBe(intent);
    }
  });
});

it('refuses a single intent', async () => {
  const examples = examplesOf(smallKnowledge.slice(0, 1));
  await expect(trainModel(examples, encodingsOf(examples), multiplyPlain)).rejects.toThrow('two');
});

it('the gate refuses guessing and numbers that are none', () => {
  const quality = { exampleCount: 100, intentCount: 50, answeredRightly: 0 };
  expect(mayServe({ ...quality, accuracy: 0.03 })).toBe(false);
  expect(mayServe({ ...quality, accuracy: Number.NaN })).toBe(false);
  expect(mayServe({ ...quality, accuracy: 0.3 })).toBe(true);
});
