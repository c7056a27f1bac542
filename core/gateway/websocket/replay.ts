/**
 * Catching up after a reconnect: pages from the database, paced so that one long history neither
 * blocks the loop nor floods a socket; then, in one step without a gap, over to live delivery.
 */
import { REPLAY_EVENTS_MAX } from '#core/platform/limits.ts';
import type { StoredEvent } from '#core/protocol/events.ts';

/** Pages stay below this, so that even several of them fit into a socket's buffer. */
const PAGE_MAX_CHARACTERS = 48 * 1024;

/**
 * @param cursors conversation → last seq the client has; moved on as pages are sent
 * @param live called in the very step in which nothing is missing any more: register for live events
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
    for (const [conversation, seq] of cursors) {
      const events = port.read(conversation, seq, REPLAY_EVENTS_MAX);
      const page = events.slice(0, fitting(events));
      const last = page.at(-1);
      if (last === undefined) continue;
      port.send(conversation, page);
      cursors.set(conversation, last.seq);
      missing ||= page.length < events.length || events.length === REPLAY_EVENTS_MAX;
    }
    if (!missing) {
      port.live();
      return;
    }
    await port.nextTurn();
  }
}

/** How many of `events` fit into one page; at least one. */
function fitting(events: readonly StoredEvent[]): number {
  let characters = 0;
  const end = events.findIndex((event, i) => {
    characters += JSON.stringify(event).length;
    return i > 0 && characters > PAGE_MAX_CHARACTERS;
  });
  return end === -1 ? events.length : end;
}
