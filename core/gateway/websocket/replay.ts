/**
 * Catching up after a reconnect: pages from the database, paced so that one long history neither
 * blocks the loop nor floods a socket; then, in one step without a gap, over to live delivery.
 */
import { REPLAY_EVENTS_MAX } from '#core/platform/limits.ts';
import type { StoredEvent } from '#core/protocol/events.ts';

/** Pages stay below this, so that even several of them fit into a socket's buffer. */
const PAGE_MAX_BYTES = 48 * 1024;

/**
 * @param cursors conversation → last seq the client has; moved on as pages are sent
 * @param live called in the very step in which nothing is missing any more: register then
 */
export async function catchUp(
  cursors: Map<string, number>,
  port: {
    read(conversation: string, after: number, limit: number): StoredEvent[];
    send(conversation: string, events: StoredEvent[]): void;
    isOpen(): boolean;
    nextTurn(): Promise<void>;
    live(): void;
  },
): Promise<void> {
  while (port.isOpen()) {
    let missing = false;
    let sent = 0;
    for (const [conversation, seq] of cursors) {
      const events = port.read(conversation, seq, REPLAY_EVENTS_MAX);
      const [length, bytes] = fitting(events);
      const page = events.slice(0, length);
      const last = page.at(-1);
      if (last === undefined) continue;
      port.send(conversation, page);
      cursors.set(conversation, last.seq);
      sent += bytes;
      missing ||= page.length < events.length || events.length === REPLAY_EVENTS_MAX;
      if (sent < PAGE_MAX_BYTES) continue;
      missing = true;
      break;
    }
    if (!missing) {
      port.live();
      return;
    }
    await port.nextTurn();
  }
}

/** How many of `events` fit into one page, at least one, and how many bytes that is. */
function fitting(events: readonly StoredEvent[]): [count: number, bytes: number] {
  let bytes = 0;
  for (const [i, event] of events.entries()) {
    const more = Buffer.byteLength(JSON.stringify(event));
    if (i > 0 && bytes + more > PAGE_MAX_BYTES) return [i, bytes];
    bytes += more;
  }
  return [events.length, bytes];
}
