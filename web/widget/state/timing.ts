/** How long things take, as people feel them. Values of the protocol come from the protocol. */
export { TYPING_EXPIRES_MS, TYPING_REPEATS_MS } from '../../../core/protocol/signals.ts';

/** A lost connection that is back sooner is not worth a word. */
export const TROUBLED_AFTER_MS = 1_500;
export const CONFIG_WITHIN_MS = 5_000;
