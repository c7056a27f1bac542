/** Evidence becomes calibrated candidates; nonsense becomes none; follow-ups are recognised. */
import { describe, expect, it } from 'vitest';
import { chooseReading, fuse, isFollowUp, widen } from '#core/bot/intent.ts';
import type { Calibration } from '#models/confidence.ts';
import type { Evidence } from '#models/evidence.ts';

/** Confidence by the first score alone. */
const calibration: Calibration = {
  centre: new Array(12).fill(0),
  scale: new Array(12).fill(1),
  inScope: [8, ...new Array(11).fill(0), -4],
  right: [...new Array(12).fill(0), 100],
  temperature: 0.1,
  answer: 0.7,
  askBack: 0.5,
};

function evidence(change: Partial<Evidence> = {}): Evidence {
  const scored = (intent: string, score: number) => ({
    intent,
    score,
    meaning: score,
    lexical: score,
  });
  return {
    language: 'de',
    candidates: [scored('a', 0.9), scored('b', 0.4), scored('c', 0.3), scored('d', 0.1)],
    outOfScope: { score: 0, meaning: 0 },
    coverage: 1,
    wordCount: 3,
    ...change,
  };
}

describe('fuse', () => {
  it('keeps the order, and all of it together is at most certain', () => {
    const candidates = fuse(evidence(), calibration);
    expect(candidates.map(({ intent }) => intent)).toEqual(['a', 'b', 'c', 'd']);
    const confidences = candidates.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((x, y) => y - x));
    expect(confidences.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1);
  });

  it.each<[string, Partial<Evidence>]>([
    ['no words', { wordCount: 0 }],
    ['no candidates', { candidates: [] }],
    [
      'no known word and hardly a letter',
      { coverage: 0, candidates: [{ intent: 'a', score: 0.9, meaning: 0.9, lexical: 0.1 }] },
    ],
  ])('has no candidates for %s', (_, change) =>
    expect(fuse(evidence(change), calibration)).toEqual([]),
  );
});

describe('widen', () => {
  const candidates = ['a', 'b', 'c', 'd', 'e'].map((intent, at) => ({
    intent,
    confidence: 0.4 - at / 10,
  }));

  it('gives the nearest passage the fourth place', () => {
    const wide = widen(candidates, [{ intent: 'x', similarity: 0.8 }]);
    expect(wide.map(({ intent }) => intent)).toEqual(['a', 'b', 'c', 'x', 'd']);
  });

  it('changes nothing when it is there already, or nothing was found', () => {
    expect(widen(candidates, [{ intent: 'b', similarity: 0.8 }])).toEqual(candidates);
    expect(widen(candidates, [])).toEqual(candidates);
    expect(widen([], [{ intent: 'x', similarity: 0.8 }])).toEqual([]);
  });
});

it.each([
  ['Und nach Österreich?', true],
  ['what about exchanges?', true],
  ['asdf', false],
  ['und ich wollte noch fragen wie ich das zurückschicken kann', false],
  ['', false],
])('%j is a follow-up: %s', (text, expected) => expect(isFollowUp(text)).toBe(expected));

it('reads a follow-up with the turn before only where that is clearly better', () => {
  const sure = (confidence: number) => [{ intent: 'a', confidence }];
  expect(chooseReading(sure(0.3), sure(0.8))).toBe('together');
  expect(chooseReading(sure(0.78), sure(0.8))).toBe('alone');
  expect(chooseReading([], sure(0.5))).toBe('together');
  expect(chooseReading([], [])).toBe('alone');
});
