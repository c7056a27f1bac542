/** A burst is taken up in portions, in order; what waited too long is told so (I6, G6). */
import { beforeEach, expect, it } from 'vitest';
import { createInbox } from '#core/gateway/websocket/inbox.ts';
import { INBOX_MAX, INBOX_WAIT_MAX_MS, TURN_MS } from '#core/platform/limits.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

/** Milliseconds that taking up one item costs. */
const COST = 1;

let clock: ReturnType<typeof createVirtualClock>;
let taken: { item: number; isLate: boolean }[];
let turns: (() => void)[];
let inbox: ReturnType<typeof createInbox<number>>;

beforeEach(() => {
  clock = createVirtualClock();
  taken = [];
  turns = [];
  inbox = createInbox<number>({
    clock,
    nextTurn: () => new Promise((resolve) => turns.push(resolve)),
    take: (item, isLate) => {
      taken.push({ item, isLate });
      clock.advance(isLate ? 0 : COST);
    },
  });
});

async function nextTurn(): Promise<void> {
  turns.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
}

const items = (): number[] => taken.map(({ item }) => item);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it('takes up at once what fits into the turn, the rest in later turns, in order', async () => {
  for (const item of range(10)) inbox.add(item);
  expect(items()).toEqual(range(TURN_MS / COST));
  await nextTurn();
  expect(items()).toEqual(range((2 * TURN_MS) / COST));
  inbox.add(10);
  await nextTurn();
  expect(items()).toEqual(range(11));
  expect(taken.some(({ isLate }) => isLate)).toBe(false);
});

it('asks for no turn when nothing waits', async () => {
  inbox.add(0);
  await nextTurn();
  expect(turns).toEqual([]);
});

it('tells what has waited too long, and serves what comes after', async () => {
  for (const item of range(10)) inbox.add(item);
  clock.advance(INBOX_WAIT_MAX_MS + 1);
  await nextTurn();
  inbox.add(10);
  await nextTurn();
  const late = taken.filter(({ isLate }) => isLate).map(({ item }) => item);
  expect(late).toEqual([4, 5, 6, 7, 8, 9]);
  expect(items()).toEqual(range(11));
});

it('is bounded: beyond that everything is late at once', () => {
  for (const item of range(INBOX_MAX + TURN_MS / COST + 3)) inbox.add(item);
  expect(inbox.waiting()).toBe(INBOX_MAX);
  expect(taken.filter(({ isLate }) => isLate)).toHaveLength(3);
});
