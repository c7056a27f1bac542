/**
 * Fuses the head's scores, the match by letters and, when unsure, the nearest passage into
 * calibrated candidates, and knows when an utterance only makes sense with the turn before. Pure.
 * Refuses to know threads, indexes and what is decided with a confidence.
 */
import { type Calibration, confidenceOf } from '#models/confidence.ts';
import type { Evidence } from '#models/evidence.ts';
import { words } from '#models/normalise.ts';
import type { Candidate } from './inference.ts';

/** What the index returns: the intent a passage speaks for, and its cosine. */
export type FoundPassage = { intent: string; similarity: number };

/** @returns candidates, best first; empty when not one word of the utterance was ever seen. */
export function fuse(evidence: Evidence, calibration: Calibration): Candidate[] {
  if (evidence.candidates.length === 0 || isNoise(evidence)) return [];
  const confidence = confidenceOf(evidence, calibration);
  const shares = sharesOf(evidence, calibration.temperature);
  const rest = 1 - (shares[0] ?? 0) || 1;
  return evidence.candidates.map(({ intent }, at) => {
    if (at === 0) return { intent, confidence };
    const share = ((shares[at] ?? 0) / rest) * (1 - confidence);
    return { intent, confidence: Math.min(confidence, share) };
  });
}

/** Places that the head fills; the nearest passage may have the next. */
const placesOfHead = 3;

/**
 * When the head is not sure, the intent of the nearest passage comes fourth, if it is a new one:
 * the right one is among four 0.8 points more often than among three (unsure phrasings, held out).
 */
export function widen(
  candidates: readonly Candidate[],
  found: readonly FoundPassage[],
): Candidate[] {
  const nearest = found[0]?.intent;
  const next = candidates[placesOfHead];
  const head = candidates.slice(0, placesOfHead);
  if (!nearest || !next || head.some(({ intent }) => intent === nearest)) return [...candidates];
  const others = candidates.slice(placesOfHead).filter(({ intent }) => intent !== nearest);
  return [...head, { intent: nearest, confidence: next.confidence }, ...others.slice(0, 1)];
}

/** No known word and hardly a known group of letters: keyboard mashing, another script, smileys. */
const noiseLexicalMax = 0.25;
function isNoise({ coverage, wordCount, candidates }: Evidence): boolean {
  return wordCount === 0 || (coverage === 0 && (candidates[0]?.lexical ?? 0) < noiseLexicalMax);
}

/** Softmax over the candidates and the out-of-scope entry. */
function sharesOf({ candidates, outOfScope }: Evidence, temperature: number): number[] {
  const powers = candidates.map(({ score }) => Math.exp(score / temperature));
  const all = powers.reduce((sum, power) => sum + power, Math.exp(outOfScope.score / temperature));
  return powers.map((power) => power / all);
}

const followUpWordsMax = 6;
const followUpOpenings = new Set(
  words(
    'und oder aber auch dann wie was nach in für mit ohne ' +
      'and or but also what how then to for with',
  ),
);

/** "Und nach Österreich?": short, and opening like the second half of a thought. */
export function isFollowUp(text: string): boolean {
  const list = words(text);
  return list.length > 0 && list.length <= followUpWordsMax && followUpOpenings.has(list[0] ?? '');
}

/** A reading with the turn before it is worth a little less than one that stands alone. */
const togetherDiscount = 0.9;

/** The better of what the utterance says alone and together with the turn before it. */
export function chooseReading(
  alone: readonly Candidate[],
  together: readonly Candidate[],
): 'alone' | 'together' {
  const lone = alone[0]?.confidence ?? 0;
  return (together[0]?.confidence ?? 0) * togetherDiscount > lone ? 'together' : 'alone';
}
