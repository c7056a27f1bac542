/** A burst is taken up in portions, in order; what waited too long is told so (I6, G6). */
import { beforeEach, expect, it } from 'vitest';
import { createInbox } from '#core/gateway/websocket/inbox.ts';
import { INBOX_MAX, INBOX_MAX_BYTES, INBOX_WAIT_MAX_MS, TURN_MS } from '#core/platform/limits.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

/** Milliseconds that taking up one item costs. */
const COST = 1;

let clock: ReturnType<typeof createVirtualClock>;
type Item = { number: number; text: string };

let taken: { item: number; isLate: boolean }[];
let turnedAway: number[];
let turns: (() => void)[];
let inbox: ReturnType<typeof createInbox<Item>>;

beforeEach(() => {
  clock = createVirtualClock();
  taken = [];
  turnedAway = [];
  turns = [];
  inbox = createInbox<Item>({
    clock,
    nextTurn: () => new Promise((resolve) => turns.push(resolve)),
    full: ({ number }) => void turnedAway.push(number),
    take: ({ number }, isLate) => {
      taken.push({ item: number, isLate });
      clock.advance(isLate ? 0 : COST);
    },
  });
});

async function nextTurn(): Promise<void> {
  turns.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
}

const add = (number: number, text = ''): void => inbox.add({ number, text });
const items = (): number[] => taken.map(({ item }) => item);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it('takes up at once what fits into the turn, the rest in later turns, in order', async () => {
  for (const item of range(10)) add(item);
  expect(items()).toEqual(range(TURN_MS / COST));
  await nextTurn();
  expect(items()).toEqual(range((2 * TURN_MS) / COST));
  add(10);
  await nextTurn();
  expect(items()).toEqual(range(11));
  expect(taken.some(({ isLate }) => isLate)).toBe(false);
});

it('asks for no turn when nothing waits', async () => {
  add(0);
  await nextTurn();
  expect(turns).toEqual([]);
});

it('tells what has waited too long, and serves what comes after', async () => {
  for (const item of range(10)) add(item);
  clock.advance(INBOX_WAIT_MAX_MS + 1);
  await nextTurn();
  add(10);
  await nextTurn();
  const late = taken.filter(({ isLate }) => isLate).map(({ item }) => item);
  expect(late).toEqual([4, 5, 6, 7, 8, 9]);
  expect(items()).toEqual(range(11));
});

it('is bounded in number: what finds no room is turned away, not taken before others', () => {
  for (const item of range(INBOX_MAX + TURN_MS / COST + 3)) add(item);
  expect(inbox.waiting()).toBe(INBOX_MAX);
  expect(items()).toEqual(range(TURN_MS / COST));
  expect(turnedAway).toHaveLength(3);
});

it('is bounded in bytes, and has room again when they are taken up', async () => {
  for (const item of range(TURN_MS / COST)) add(item);
  add(4, 'x'.repeat(INBOX_MAX_BYTES));
  add(5, 'x');
  expect(turnedAway).toEqual([5]);
  await nextTurn();
  add(6, 'x');
  expect(turnedAway).toEqual([5]);
  expect(items()).toEqual([0, 1, 2, 3, 4, 6]);
});

it('drops what waits at the stop', async () => {
  for (const item of range(10)) add(item);
  inbox.stop();
  await nextTurn();
  expect(items()).toEqual(range(TURN_MS / COST));
});
