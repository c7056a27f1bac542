/**
 * How long things take, as people feel them, and the timer for it. Values of the protocol come
 * from the protocol.
 */
export { TYPING_EXPIRES_MS, TYPING_REPEATS_MS } from '../../../core/protocol/signals.ts';

/** A lost connection that is back sooner is not worth a word. */
export const TROUBLED_AFTER_MS = 1_500;
export const CONFIG_WITHIN_MS = 5_000;

/** One thing that happens later, unless it is set anew or stopped. */
export class Timer {
  #handle: ReturnType<typeof setTimeout> | undefined;

  set(ms: number, run: () => void): void {
    this.stop();
    this.#handle = setTimeout(run, ms);
  }

  stop(): void {
    clearTimeout(this.#handle);
  }
}
