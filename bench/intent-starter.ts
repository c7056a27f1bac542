/**
 * The starter pack against its independent test set, through the code that serves: what is
 * answered rightly, asked back, handed over, and what of foreign matter is answered at all.
 * Reads the set, reports aggregates, tunes nothing.
 */
import { readFileSync } from 'node:fs';
import { decideTurn, type TurnDecision } from '#core/bot/dialogue.ts';
import type { Inference, Understanding } from '#core/bot/inference.ts';
import type { Article } from '#core/protocol/entities.ts';
import { examplesOf } from '#models/corpus.ts';
import { areaUnderCurve, calibrationError, quantile } from '#models/evaluation/measures.ts';
import { words } from '#models/normalise.ts';
import { type Question, readQuestions } from '#models/questions.ts';

const file = new URL('../models/evaluation/starter.tsv', import.meta.url);
const foreign = '-';

export type Judgement = {
  language: string;
  expected: string;
  note: string;
  understanding: Understanding;
  turn: TurnDecision;
};

/**
 * The set's questions that no training line equals, however written: whoever knows the line by
 * heart has not understood it. Signs and smileys alone have no words to compare and stay.
 */
export function unseenQuestions(articles: readonly Article[]): {
  questions: Question[];
  seen: number;
} {
  const trained = new Set(examplesOf(articles).map(({ text }) => words(text).join(' ')));
  const all = readQuestions(readFileSync(file, 'utf8'), 'starter.tsv', 'text');
  const questions = all.filter(({ text }) => {
    const line = words(text).join(' ');
    return line === '' || !trained.has(line);
  });
  return { questions, seen: all.length - questions.length };
}

/** Every unseen utterance of the set understood and decided upon. */
export async function judgeStarter(
  inference: Inference,
  articles: Article[],
): Promise<Judgement[]> {
  const byId = new Map(articles.map((article) => [article.id, article]));
  const judgements: Judgement[] = [];
  for (const { text, row } of unseenQuestions(articles).questions) {
    const understanding = await inference.understand({ text });
    const turn = decideTurn({
      understanding,
      thresholds: inference.thresholds(),
      articles: (id) => byId.get(id),
      failures: 0,
    });
    const { language = '', expected = '', note = '' } = row ?? {};
    judgements.push({ language, expected, note, understanding, turn });
  }
  return judgements;
}

const inScope = ({ expected }: Judgement) => expected !== foreign;
const topIsRight = ({ expected, understanding }: Judgement) =>
  understanding.candidates[0]?.intent === expected;

/** Answered by the expected article, or handed over where a person was wanted. */
function isServed({ expected, turn }: Judgement): boolean {
  if (turn.decision === 'answer') return turn.article === expected;
  if (turn.decision !== 'hand_over') return false;
  return turn.reason === (expected === 'human' ? 'requested' : expected);
}
const isAsked = ({ expected, turn }: Judgement) =>
  turn.decision === 'ask_back' && turn.candidates.includes(expected);
const isNotUnderstood = ({ turn }: Judgement) =>
  turn.decision === 'hand_over' && turn.reason === 'not_understood';

export function summarise(judgements: readonly Judgement[]) {
  const inside = judgements.filter(inScope);
  const outside = judgements.filter((one) => !inScope(one));
  const share = (part: readonly Judgement[], test: (one: Judgement) => boolean) =>
    part.length === 0 ? Number.NaN : part.filter(test).length / part.length;
  const confidence = ({ understanding }: Judgement) => understanding.confidence;
  return {
    inScope: inside.length,
    outOfScope: outside.length,
    top1: share(inside, topIsRight),
    served: share(inside, isServed),
    wrong: share(inside, (one) => one.turn.decision === 'answer' && !isServed(one)),
    askedRightly: share(inside, isAsked),
    askedWrongly: share(inside, (one) => one.turn.decision === 'ask_back' && !isAsked(one)),
    handedOver: share(inside, (one) => isNotUnderstood(one)),
    falseAnswers: share(outside, (one) => one.turn.decision === 'answer'),
    falseAsks: share(outside, (one) => one.turn.decision === 'ask_back'),
    area: areaUnderCurve(inside.map(confidence), outside.map(confidence)),
    calibrationError: calibrationError(
      judgements.map((one) => ({ confidence: confidence(one), right: topIsRight(one) })),
    ),
    p50: quantile(
      judgements.map(({ understanding }) => understanding.timing.totalMs),
      0.5,
    ),
    p95: quantile(
      judgements.map(({ understanding }) => understanding.timing.totalMs),
      0.95,
    ),
    p99: quantile(
      judgements.map(({ understanding }) => understanding.timing.totalMs),
      0.99,
    ),
  };
}

/** The slices of the report: all, per language, per note. */
export function slicesOf(judgements: readonly Judgement[]): Map<string, Judgement[]> {
  const slices = new Map<string, Judgement[]>([['all', [...judgements]]]);
  const add = (name: string, one: Judgement) =>
    slices.set(name, [...(slices.get(name) ?? []), one]);
  for (const one of judgements) add(one.language, one);
  for (const one of judgements) add(`note: ${one.note || 'none'}`, one);
  return slices;
}
