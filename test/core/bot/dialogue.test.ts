/** The decision table of a turn: answer, ask back or hand over. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideTurn } from '#core/bot/dialogue.ts';
import type { Candidate } from '#core/bot/inference.ts';
import type { Article, ArticleKind } from '#core/protocol/entities.ts';

const kinds = new Map<string, ArticleKind>([
  ['human', 'hand-over'],
  ['distress', 'hand-over'],
  ['smalltalk-thanks', 'small-talk'],
  ['a', 'article'],
  ['b', 'article'],
  ['c', 'article'],
  ['d', 'article'],
]);

function articles(id: string): Article | undefined {
  const kind = kinds.get(id);
  const text = { title: id, body: id, phrasings: [] };
  return kind && { id, kind, topic: 't', de: text, en: text };
}

function decide(candidates: Candidate[], failures = 0) {
  const confidence = candidates[0]?.confidence ?? 0;
  const timing = { queueMs: 0, encodeMs: 0, searchMs: 0, totalMs: 0 };
  const understanding = { language: 'de' as const, candidates, confidence, timing };
  const thresholds = { answer: 0.7, askBack: 0.5 };
  return decideTurn({ understanding, thresholds, articles, failures });
}

const sure = (intent: string, confidence: number): Candidate => ({ intent, confidence });
const notUnderstood = { decision: 'hand_over', reason: 'not_understood' };

describe('decideTurn', () => {
  it.each<[string, Candidate[], number, object]>([
    [
      'sure of an article',
      [sure('a', 0.8)],
      0,
      { decision: 'answer', article: 'a', language: 'de' },
    ],
    [
      'sure of small talk',
      [sure('smalltalk-thanks', 0.9)],
      0,
      { decision: 'answer', article: 'smalltalk-thanks', language: 'de' },
    ],
    ['a person wanted', [sure('human', 0.9)], 0, { decision: 'hand_over', reason: 'requested' }],
    [
      'a person wanted, less sure',
      [sure('human', 0.45)],
      0,
      { decision: 'hand_over', reason: 'requested' },
    ],
    ['distress', [sure('distress', 0.5)], 0, { decision: 'hand_over', reason: 'distress' }],
    ['a person merely mentioned', [sure('human', 0.2), sure('a', 0.1)], 0, notUnderstood],
    [
      'two close',
      [sure('a', 0.4), sure('b', 0.3)],
      0,
      { decision: 'ask_back', candidates: ['a', 'b'] },
    ],
    [
      'four close: three are offered',
      [sure('a', 0.3), sure('b', 0.2), sure('c', 0.2), sure('d', 0.2)],
      0,
      { decision: 'ask_back', candidates: ['a', 'b', 'c'] },
    ],
    ['two close after two failures', [sure('a', 0.4), sure('b', 0.3)], 2, notUnderstood],
    ['unlikely together', [sure('a', 0.25), sure('b', 0.2)], 0, notUnderstood],
    [
      'small talk is not asked about',
      [sure('smalltalk-thanks', 0.4), sure('a', 0.3)],
      0,
      notUnderstood,
    ],
    ['nothing', [], 0, notUnderstood],
    ['only what is no longer there', [sure('gone', 0.9)], 0, notUnderstood],
    [
      'the best is gone, the next stands',
      [sure('gone', 0.9), sure('a', 0.8)],
      0,
      { decision: 'answer', article: 'a', language: 'de' },
    ],
  ])('%s', (_, candidates, failures, expected) =>
    expect(decide(candidates, failures)).toEqual(expected),
  );

  it('never answers below the threshold and never offers less than two', () => {
    const candidate = fc.record({
      intent: fc.constantFrom(...kinds.keys(), 'gone'),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 5 }), fc.nat(4), (list, failures) => {
        const candidates = [...list].sort((x, y) => y.confidence - x.confidence);
        const turn = decide(candidates, failures);
        if (turn.decision === 'answer') {
          const chosen = candidates.find(({ intent }) => intent === turn.article);
          expect(chosen?.confidence).toBeGreaterThanOrEqual(0.7);
          expect(articles(turn.article)?.kind).not.toBe('hand-over');
        }
        if (turn.decision === 'ask_back') expect([2, 3]).toContain(turn.candidates.length);
      }),
    );
  });
});
