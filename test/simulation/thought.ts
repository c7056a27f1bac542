/**
 * Simulated inference behind the production port: every utterance takes its time and is understood
 * by chance: surely, nearly, not at all, or never. Knows articles by their ids only.
 */
import type { Candidate, Inference } from '#core/bot/inference.ts';
import type { Clock } from '#core/platform/clock.ts';
import type { Chance } from './chance.ts';

export type ThoughtMood = {
  /** Mean time for one utterance. */
  thinksMs: number;
  /** Share of utterances on which it fails, and on which it never answers. */
  fails: number;
  hangs: number;
  /** Time until there is a model after a start. */
  learnsMs: number;
};

const OUTCOMES = { answer: 5, ask: 2, unsure: 2, human: 1, distress: 1, chat: 1 } as const;
const THRESHOLDS = { answer: 0.6, askBack: 0.25 };

export function createThought(deps: {
  clock: Clock;
  chance: Chance;
  mood: ThoughtMood;
  articles: readonly { id: string }[];
  onHeard: (utterance: string) => void;
}): Inference {
  const { clock, chance, mood } = deps;
  const some = (): string => chance.pick(deps.articles).id;

  function candidates(): Candidate[] {
    const outcome = chance.weighted(OUTCOMES);
    switch (outcome) {
      case 'answer':
        return [{ intent: some(), confidence: 0.6 + chance.next() * 0.4 }];
      case 'ask':
        return [0.3, 0.25, 0.2].map((confidence) => ({ intent: some(), confidence }));
      case 'unsure':
        return [];
      case 'chat':
        return [{ intent: 'smalltalk-thanks', confidence: 0.9 }];
      case 'human':
      case 'distress':
        return [{ intent: outcome, confidence: 0.9 }];
    }
  }

  return {
    understand: ({ text, language = 'de' }) => {
      deps.onHeard(text);
      if (chance.happens(mood.hangs)) return new Promise(() => undefined);
      const found = candidates();
      const isFailing = chance.happens(mood.fails);
      return new Promise((resolve, reject) => {
        clock.after(chance.wait(mood.thinksMs), () => {
          if (isFailing) return reject(new Error('simulated inference failed'));
          resolve({
            language,
            candidates: found,
            confidence: found[0]?.confidence ?? 0,
            timing: { queueMs: 0, encodeMs: 0, searchMs: 0, totalMs: 0 },
          });
        });
      });
    },
    thresholds: () => THRESHOLDS,
    modelId: () => 'simulated',
    close: async () => undefined,
  };
}
