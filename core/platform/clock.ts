/**
 * Time as an input (I7). Everything that needs the time or a timer is handed a `Clock`;
 * tests hand in a virtual one. Only this file may call Date.now and setTimeout.
 */
export type Cancel = () => void;

export type Clock = {
  /** Wall clock in milliseconds since 1970. May jump; use it for stamps, not for order. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps back. For durations. */
  elapsed(): number;
  /** Calls `run` once after `ms` milliseconds, unless cancelled. Does not keep the process alive. */
  after(ms: number, run: () => void): Cancel;
};

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms: number, run: () => void) => {
    let left = ms;
    let timer: NodeJS.Timeout;
    function wait(): void {
      const part = Math.min(left, TIMER_MAX_MS);
      left -= part;
      timer = setTimeout(left > 0 ? wait : run, part);
      timer.unref();
    }
    wait();
    return () => clearTimeout(timer);
  },
});

/** Node's timers hold 31 bits; a longer one would run at once, e.g. after a clock was set back. */
const TIMER_MAX_MS = 2 ** 31 - 1;
