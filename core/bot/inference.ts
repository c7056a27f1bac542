/**
 * The port through which the bot understands an utterance; filled in by the workers' pool, in
 * tests by a script. Knows no model, no thread and no file.
 */
import type { Language } from '#core/protocol/entities.ts';

/** `confidence`: calibrated probability, 0 to 1, that this entry is what the contact wants. */
export type Candidate = { intent: string; confidence: number };

export type Timing = { queueMs: number; encodeMs: number; searchMs: number; totalMs: number };

export type Understanding = {
  language: Language;
  /** Best first, at most 5. */
  candidates: Candidate[];
  /** Probability that the first candidate is right and the utterance in scope. */
  confidence: number;
  timing: Timing;
};

/** From calibration: answer from `answer` on, ask back from `askBack` on. */
export type Thresholds = { answer: number; askBack: number };

export type Utterance = {
  text: string;
  /** Of the page: a prior, not the truth. */
  language?: Language;
  /** The contact's turn before, for follow-ups. */
  before?: string;
};

export type Inference = {
  understand(utterance: Utterance): Promise<Understanding>;
  thresholds(): Thresholds;
  modelId(): string;
  close(): Promise<void>;
};
