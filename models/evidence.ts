/**
 * What speaks for each intent: the head's score and the nearest example by meaning and by letters.
 * The same code serves training (with the example itself left out) and the running bot, so that
 * a confidence learned from one holds for the other. Knows no thresholds and decides nothing.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of one length, indexed inside it
import type { Language } from '#core/protocol/entities.ts';

export type IntentEvidence = { intent: string; score: number; meaning: number; lexical: number };

export type Evidence = {
  language: Language;
  /** Best score first, at most `candidatesMax`; never the out-of-scope entry. */
  candidates: IntentEvidence[];
  outOfScope: { score: number; meaning: number };
  /** Share of the words that at least two examples contain, 0 to 1. */
  coverage: number;
  wordCount: number;
};

export type Measured = {
  /** One per intent. */
  scores: Float32Array;
  /** Cosines by meaning and by letters, one per example. */
  meaning: Float32Array;
  lexical: Float32Array;
};

export type Labels = {
  intents: readonly string[];
  /** Number of the out-of-scope entry in `intents`, -1 without one. */
  outOfScope: number;
  /** Number of the intent of each example. */
  owners: Uint16Array;
};

export const candidatesMax = 5;

/** @param left an example to leave out: while training, the utterance itself. */
export function evidenceOf(
  { scores, meaning, lexical }: Measured,
  labels: Labels,
  reading: { language: Language; coverage: number; wordCount: number },
  left = -1,
): Evidence {
  const nearest = new Float32Array(scores.length).fill(-1);
  const likest = new Float32Array(scores.length);
  for (let example = 0; example < meaning.length; example++) {
    if (example === left) continue;
    const owner = labels.owners[example]!;
    if (meaning[example]! > nearest[owner]!) nearest[owner] = meaning[example]!;
    if (lexical[example]! > likest[owner]!) likest[owner] = lexical[example]!;
  }
  const at = labels.outOfScope;
  return {
    ...reading,
    candidates: best(scores, at).map((number) => ({
      intent: labels.intents[number] as string,
      score: scores[number]!,
      meaning: nearest[number]!,
      lexical: likest[number]!,
    })),
    outOfScope: at < 0 ? { score: 0, meaning: 0 } : { score: scores[at]!, meaning: nearest[at]! },
  };
}

function best(scores: Float32Array, excluded: number): number[] {
  const chosen: number[] = [];
  for (let number = 0; number < scores.length; number++) {
    if (number === excluded) continue;
    let place = chosen.length;
    while (place > 0 && scores[chosen[place - 1]!]! < scores[number]!) place--;
    if (place < candidatesMax) chosen.splice(place, 0, number);
    if (chosen.length > candidatesMax) chosen.pop();
  }
  return chosen;
}
