/** Rows and events for the console's tests, folded with the protocol's own `apply`. */
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor, Owner } from '#core/protocol/entities.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';

export const ME = 'agent-me';
export const NOON = Date.UTC(2026, 10, 23, 11);

const contact: Actor = { kind: 'contact', id: 'contact-1' };
const bot: Actor = { kind: 'bot' };
const agent: Actor = { kind: 'agent', id: ME, name: 'Anna Beispiel' };

/** A conversation as it goes: bot, hand-over, agent, resolved, scored. */
export function story(conversation: string): StoredEvent[] {
  const card = { wish: 'Wo ist mein Paket?', answered: [], considered: ['Sendung verfolgen'] };
  const told: [Actor, EventBody][] = [
    [
      contact,
      { type: 'conversation.opened', contact: 'contact-1', channel: 'web-chat', language: 'de' },
    ],
    [bot, { type: 'message.sent', text: 'Guten Tag!', bot: { ai: true } }],
    [contact, { type: 'message.sent', text: 'Wo ist mein Paket?' }],
    [bot, { type: 'handover.requested', reason: 'not_understood', queue: 'service', card }],
    [agent, { type: 'conversation.assigned', agent: { id: ME, name: 'Anna Beispiel' } }],
    [agent, { type: 'note.added', text: 'DHL fragen' }],
    [agent, { type: 'message.sent', text: 'Ich sehe nach.' }],
    [agent, { type: 'conversation.resolved' }],
    [{ kind: 'system' }, { type: 'survey.sent' }],
    [contact, { type: 'survey.answered', score: 5 }],
  ];
  return told.map(([by, body], index) => ({
    conversation,
    seq: index + 1,
    at: NOON + index * 1_000,
    by,
    body,
  }));
}

export const stateAfter = (events: readonly StoredEvent[]): ConversationState =>
  events.reduce(apply, emptyState(events[0]?.conversation ?? ''));

/** A row with nothing but what a list looks at. */
export const row = (
  id: string,
  owner: Owner,
  change: Partial<ConversationState> = {},
): ConversationState => ({
  ...emptyState(id),
  seq: 1,
  status: 'open',
  contact: id,
  owner,
  openedAt: NOON,
  updatedAt: NOON,
  ...change,
});

export const queue: Owner = { kind: 'queue', queue: 'service' };
export const mine: Owner = { kind: 'agent', id: ME, name: 'Anna Beispiel' };
export const theirs: Owner = { kind: 'agent', id: 'agent-other', name: 'Jonas Weber' };
export const atBot: Owner = { kind: 'bot' };
