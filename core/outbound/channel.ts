/**
 * The port of the live channel, filled by the WebSocket hub. Whoever implements it only passes on
 * what it is handed; what may be read by whom has been decided before (`audience.ts`).
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import type { ServerSignal } from '#core/protocol/signals.ts';

export type LiveChannel = {
  /** To every connection of this contact. */
  toContact(contact: string, conversation: string, events: readonly StoredEvent[]): void;
  /** To every agent who watches this conversation. */
  toWatchers(conversation: string, events: readonly StoredEvent[]): void;
  /** To every agent: this conversation's row has changed. */
  toAgents(row: ConversationState): void;
  signalContact(contact: string, signal: ServerSignal): void;
  signalWatchers(conversation: string, signal: ServerSignal): void;
  signalEveryone(signal: ServerSignal): void;
};
