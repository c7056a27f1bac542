/** What is passing: shown at once, never stored, may be lost without harm. */
import * as v from 'valibot';
import { uuid } from './commands.ts';

/** Somebody is writing. The receiver lets it expire after `TYPING_EXPIRES_MS`. */
export const clientSignal = v.strictObject({
  type: v.literal('typing'),
  conversation: uuid,
});
export type ClientSignal = v.InferOutput<typeof clientSignal>;

export type ServerSignal =
  | { type: 'typing'; conversation: string; by: 'contact' | 'bot' | 'agent'; name?: string }
  | { type: 'presence'; agentsOnline: number };

/** A sender repeats `typing` at most this often; it must be below the expiry. */
export const TYPING_REPEATS_MS = 2_500;
export const TYPING_EXPIRES_MS = 5_000;
