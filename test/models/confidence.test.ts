/** Probabilities that hold what they say, and thresholds that keep foreign matter out. */
import { describe, expect, it } from 'vitest';
import { calibrate, confidenceOf, fitLogistic, type Judged } from '#models/confidence.ts';
import type { Evidence } from '#models/evidence.ts';

function evidence(score: number, foreign = 0.1): Evidence {
  return {
    language: 'de',
    candidates: [
      { intent: 'a', score, meaning: score, lexical: score / 2 },
      { intent: 'b', score: 0.1, meaning: 0.2, lexical: 0.1 },
    ],
    outOfScope: { score: foreign, meaning: foreign },
    coverage: score,
    wordCount: 4,
  };
}

/** Right more often the higher the score; out of scope at low ones. */
const judged: Judged[] = Array.from({ length: 400 }, (_, at) => {
  const score = (at % 100) / 100;
  const inScope = at % 5 !== 0 || score > 0.6;
  return {
    evidence: evidence(score, inScope ? 0.1 : 0.5),
    inScope,
    right: inScope && at % 7 > 3 * (1 - score),
  };
});

describe('calibrate', () => {
  const calibration = calibrate(judged, 0.1);

  it('rises with the evidence and stays a probability', () => {
    const low = confidenceOf(evidence(0.2), calibration);
    const high = confidenceOf(evidence(0.9), calibration);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
    expect(high).toBeGreaterThan(low);
    expect(high).toBeGreaterThan(confidenceOf(evidence(0.9, 0.9), calibration));
  });

  it('is nothing for an utterance without words', () => {
    expect(confidenceOf({ ...evidence(1), wordCount: 0 }, calibration)).toBe(0);
    expect(confidenceOf({ ...evidence(1), candidates: [] }, calibration)).toBe(0);
  });

  it('works without out-of-scope utterances', () => {
    const inside = judged.filter(({ inScope }) => inScope);
    const { answer, inScope } = calibrate(inside, 0.1);
    expect(answer).toBeGreaterThan(0);
    expect(inScope.every(Number.isFinite)).toBe(true);
  });
});

it('fits a known logistic curve', () => {
  const inputs = Array.from({ length: 2000 }, (_, at) => [(at % 200) / 50 - 2, 1]);
  const targets = inputs.map(([x = 0], at) => {
    const chance = 1 / (1 + Math.exp(-(2 * x - 1)));
    return Math.floor(at / 200) / 10 < chance ? 1 : 0;
  });
  const [slope = 0, offset = 0] = fitLogistic(
    inputs,
    targets,
    inputs.map(() => 1),
  );
  expect(slope).toBeCloseTo(2, 0);
  expect(offset).toBeCloseTo(-0.8, 0);
});
