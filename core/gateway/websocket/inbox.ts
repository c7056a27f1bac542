/**
 * What has arrived and is not taken up yet. Each loop turn takes up as much as fits into its time,
 * so that a burst delays nobody's heartbeat, timer or ack; order stays the order of arrival. When
 * more comes than can be done, the oldest have waited too long: they are taken up as late, to be
 * refused in a few microseconds, so that the others are served in time. Bounded in number and
 * bytes: what finds no room is turned away.
 */
import type { Clock } from '#core/platform/clock.ts';
import { INBOX_MAX, INBOX_MAX_BYTES, INBOX_WAIT_MAX_MS, TURN_MS } from '#core/platform/limits.ts';

export function createInbox<T extends { text: string }>(deps: {
  clock: Pick<Clock, 'elapsed'>;
  nextTurn: () => Promise<void>;
  /** @param isLate it waited longer than `INBOX_WAIT_MAX_MS` */
  take: (item: T, isLate: boolean) => void;
  /** There is no room for this one. */
  full: (item: T) => void;
}) {
  const { clock, take } = deps;
  let waiting: { item: T; at: number }[] = [];
  let bytes = 0;
  let isStopped = false;
  /** When this loop turn began to take up; undefined until its first item. */
  let began: number | undefined;

  function add(item: T): void {
    const now = clock.elapsed();
    if (began === undefined) {
      began = now;
      deps.nextTurn().then(turn);
    }
    if (waiting.length === 0 && now - began < TURN_MS) return take(item, false);
    const size = item.text.length;
    if (waiting.length >= INBOX_MAX || bytes + size > INBOX_MAX_BYTES) return deps.full(item);
    bytes += size;
    waiting.push({ item, at: now });
  }

  function turn(): void {
    began = undefined;
    if (waiting.length === 0 || isStopped) return;
    began = clock.elapsed();
    deps.nextTurn().then(turn);
    let taken = 0;
    for (const { item, at } of waiting) {
      const now = clock.elapsed();
      if (now - began >= TURN_MS) break;
      taken++;
      bytes -= item.text.length;
      take(item, now - at > INBOX_WAIT_MAX_MS);
    }
    waiting = waiting.slice(taken);
  }

  /** What waits is dropped: nobody was promised anything for it. */
  function stop(): void {
    isStopped = true;
    waiting = [];
  }

  return Object.freeze({ add, stop, waiting: () => waiting.length });
}
