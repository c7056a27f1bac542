/** Time that moves only when a test says so. */
import type { Clock } from '#core/platform/clock.ts';

export type VirtualClock = Clock & {
  /** Moves time on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Moves the wall clock only, as when somebody sets it. */
  jump(ms: number): void;
};

export function createVirtualClock(startMs = 1_790_000_000_000): VirtualClock {
  let wall = startMs;
  let elapsed = 0;
  let timers: { at: number; run: () => void }[] = [];

  function advance(ms: number): void {
    const end = elapsed + ms;
    for (;;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      timers = timers.filter((timer) => timer !== due);
      wall += due.at - elapsed;
      elapsed = due.at;
      due.run();
    }
    wall += end - elapsed;
    elapsed = end;
  }

  return {
    now: () => wall,
    elapsed: () => elapsed,
    after: (ms, run) => {
      const timer = { at: elapsed + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance,
    jump: (ms) => {
      wall += ms;
    },
  };
}
