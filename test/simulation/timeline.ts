/**
 * Simulated time: what is to happen, in the order in which it falls due; at the same moment, in the
 * order in which it was asked for. Between two happenings every promise runs to its end, as between
 * two turns of a real loop. Knows nothing of what happens.
 */
import type { Cancel, Clock } from '#core/platform/clock.ts';

type Due = { at: number; order: number; what: string; run: () => void | Promise<void> };

export type Timeline = ReturnType<typeof createTimeline>;

/** Where the simulated wall clock starts: 21 September 2026. */
const STARTS_AT_MS = 1_790_000_000_000;

/** @param onTurn called after each happening, with its name; true stops the run */
export function createTimeline(onTurn: (what: string) => boolean) {
  const heap: Due[] = [];
  let elapsed = 0;
  let jumped = 0;
  let orders = 0;
  let happened = 0;

  /** @returns a function that calls it off */
  function after(ms: number, what: string, run: Due['run']): Cancel {
    const due: Due = { at: elapsed + Math.max(0, ms), order: orders++, what, run };
    push(heap, due);
    return () => {
      due.run = nothing;
      due.what = '';
    };
  }

  /** Lets `ms` pass. @returns false when the run was stopped meanwhile */
  async function pass(ms: number): Promise<boolean> {
    const end = elapsed + ms;
    for (let due = heap[0]; due !== undefined && due.at <= end; due = heap[0]) {
      pop(heap);
      elapsed = Math.max(elapsed, due.at);
      if (due.run === nothing) continue;
      happened++;
      await due.run();
      if (arrivesWith(due, heap[0])) continue;
      await loopTurn();
      if (onTurn(due.what)) return false;
    }
    elapsed = end;
    return true;
  }

  /** A clock that stops ringing when its owner has ended. */
  function clockOf(isAlive: () => boolean, what: string): Clock {
    return {
      now,
      elapsed: () => elapsed,
      after: (ms, run) =>
        after(ms, what, () => {
          if (isAlive()) run();
        }),
    };
  }

  const now = (): number => Math.round(STARTS_AT_MS + elapsed + jumped);

  return {
    now,
    elapsed: () => elapsed,
    happened: () => happened,
    after,
    pass,
    clockOf,
    /** Somebody sets the wall clock. */
    jump: (ms: number): void => {
      jumped += ms;
    },
  };
}

/** What arrives on one line at one moment is read in one loop turn, as from one packet. */
const arrivesWith = (due: Due, next: Due | undefined): boolean =>
  next !== undefined && next.at === due.at && next.what === due.what && due.what.endsWith(' up');

const nothing = (): void => undefined;

/** Twice: what the first turn asks for (sockets are flushed so) happens in the second. */
async function loopTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const other = heap[parent] as Due;
    if (!isBefore(due, other)) break;
    heap[at] = other;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const [l, r] = [heap[left] as Due, heap[left + 1]];
    const child = r !== undefined && isBefore(r, l) ? left + 1 : left;
    if (!isBefore(heap[child] as Due, last)) break;
    heap[at] = heap[child] as Due;
    at = child;
  }
  heap[at] = last;
}
