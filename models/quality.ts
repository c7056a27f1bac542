/**
 * How good a model is by its own held-out judgements, and whether it may serve. The rule of the
 * release gate stands here and nowhere else. Knows numbers only.
 */
import { type Calibration, confidenceOf, type Judged } from './confidence.ts';
import { areaUnderCurve } from './evaluation/measures.ts';

export type Quality = {
  exampleCount: number;
  intentCount: number;
  /** Share of in-scope phrasings whose first candidate is right, held out. */
  accuracy: number;
  /** How well confidence parts right in-scope from out-of-scope; undefined without the latter. */
  scopeArea?: number;
  /** Shares answered rightly and, out of scope, answered at all, at the calibrated threshold. */
  answeredRightly: number;
  falseAnswers?: number;
};

export function measureModel(
  judged: readonly Judged[],
  calibration: Calibration,
  exampleCount: number,
  intentCount: number,
): Quality {
  const sure = judged.map(({ evidence }) => confidenceOf(evidence, calibration));
  const inside = judged.flatMap(({ inScope, right }, at) =>
    inScope ? [{ right, sure: sure[at] ?? 0 }] : [],
  );
  const outside = judged.flatMap(({ inScope }, at) => (inScope ? [] : [sure[at] ?? 0]));
  const answered = inside.filter((one) => one.sure >= calibration.answer && one.right);
  const quality: Quality = {
    exampleCount,
    intentCount,
    accuracy: inside.filter(({ right }) => right).length / inside.length,
    answeredRightly: answered.length / inside.length,
  };
  if (outside.length === 0) return quality;
  quality.scopeArea = areaUnderCurve(
    inside.map((one) => one.sure),
    outside,
  );
  quality.falseAnswers =
    outside.filter((value) => value >= calibration.answer).length / outside.length;
  return quality;
}

/**
 * Release gate: a model that is right less than twice as often as by guessing (with fewer than four
 * intents: less than half of the time), or whose numbers are no numbers, is refused.
 */
export function mayServe({ accuracy, intentCount }: Quality): boolean {
  return Number.isFinite(accuracy) && accuracy >= Math.min(0.5, 2 / intentCount);
}
