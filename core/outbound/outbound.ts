/**
 * Out: woken by the commit, hands stored events to those who may read them. For web chat the event
 * log is the outbox: who is away now asks for what follows his last seq when he is back.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { forContact } from './audience.ts';
import type { LiveChannel } from './channel.ts';

export type Outbound = ReturnType<typeof createOutbound>;

export function createOutbound(live: LiveChannel) {
  /** @param events just committed, ascending; @param state with them applied */
  function deliver(state: ConversationState, events: readonly StoredEvent[]): void {
    const shown = events.map(forContact);
    // The same array where nothing had to be hidden: it is encoded once for both sides then.
    const isAlike = shown.every((event, i) => event === events[i]);
    live.toContact(state.contact, state.id, isAlike ? events : shown);
    live.toWatchers(state.id, events);
    live.toAgents(state);
  }
  return Object.freeze({ deliver });
}
