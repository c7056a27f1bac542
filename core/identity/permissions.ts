/**
 * Who may see and touch what. Conversations are reached only through `accessConversation`;
 * "not yours" and "does not exist" look the same from outside.
 */
import type { ConversationState } from '#core/protocol/apply.ts';

export type Person = { kind: 'contact'; id: string } | { kind: 'agent'; id: string; name: string };

/** @returns the state when `person` may see it: his own for a contact, every one for an agent */
export function accessConversation(
  person: Person,
  state: ConversationState | undefined,
): ConversationState | undefined {
  if (state === undefined || state.status === 'none') return undefined;
  return person.kind === 'agent' || state.contact === person.id ? state : undefined;
}
