/**
 * What to do with an understood utterance: answer, ask back or hand over. A pure decision; it
 * knows confidences and articles, and refuses to know models, texts and channels.
 */
import type { Article, Language } from '#core/protocol/entities.ts';
import type { Candidate, Thresholds, Understanding } from './inference.ts';

export type TurnDecision =
  | { decision: 'answer'; article: string; language: Language }
  | { decision: 'ask_back'; candidates: string[] }
  | { decision: 'hand_over'; reason: 'requested' | 'distress' | 'not_understood' };

export type Turn = {
  understanding: Understanding;
  thresholds: Thresholds;
  articles: (id: string) => Article | undefined;
  /** Turns in a row that did not help. */
  failures: number;
};

/** Failures after which a mere guess is no longer offered: the next one goes to a person. */
const failuresMax = 2;
/** Reaching a person must never fail, so less certainty is enough than for an answer. */
const handOverShare = 0.6;
/** A question back names at least two and at most three. */
const offeredMax = 3;
/** What is less likely than this is not offered. */
const offeredMin = 0.08;

export function decideTurn({ understanding, thresholds, articles, failures }: Turn): TurnDecision {
  const known = understanding.candidates.filter(({ intent }) => articles(intent) !== undefined);
  const first = known[0];
  if (!first) return { decision: 'hand_over', reason: 'not_understood' };

  if (articles(first.intent)?.kind === 'hand-over') {
    if (first.confidence >= thresholds.answer * handOverShare)
      return { decision: 'hand_over', reason: reasonOf(first.intent) };
  } else if (first.confidence >= thresholds.answer) {
    return { decision: 'answer', article: first.intent, language: understanding.language };
  }

  const offered = offer(known, articles);
  const together = offered.reduce((sum, { confidence }) => sum + confidence, 0);
  if (offered.length > 1 && together >= thresholds.askBack && failures < failuresMax)
    return { decision: 'ask_back', candidates: offered.map(({ intent }) => intent) };
  return { decision: 'hand_over', reason: 'not_understood' };
}

const reasonOf = (intent: string) => (intent === 'distress' ? 'distress' : 'requested');

/** Articles worth asking about: nobody wants to be asked "did you mean: Thanks?". */
function offer(known: readonly Candidate[], articles: Turn['articles']): Candidate[] {
  return known
    .filter(({ intent }) => articles(intent)?.kind === 'article')
    .filter(({ confidence }) => confidence >= offeredMin)
    .slice(0, offeredMax);
}
