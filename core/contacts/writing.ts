/** The contact writes: opening a conversation, sending into it, and thereby reopening it. Pure. */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { Language } from '#core/protocol/entities.ts';
import { type Refusal, refuse } from '#core/protocol/errors.ts';
import type { EventBody } from '#core/protocol/events.ts';

export type ContactEvent = { body: EventBody };

export function decideOpen(
  state: ConversationState,
  contact: string,
  command: { language: Language; page?: string | undefined },
): ContactEvent[] | Refusal {
  if (state.status !== 'none') return refuse('conversation_exists');
  const { language, page } = command;
  return [
    {
      body: {
        type: 'conversation.opened',
        contact,
        channel: 'web-chat',
        language,
        ...(page === undefined ? {} : { page }),
      },
    },
  ];
}

/** What must happen before the contact's words can be added; a resolved conversation reopens. */
export const reopenFirst = (state: ConversationState): ContactEvent[] =>
  state.status === 'resolved' ? [{ body: { type: 'conversation.reopened' } }] : [];

export const decideMessage = (state: ConversationState, text: string): ContactEvent[] => [
  ...reopenFirst(state),
  { body: { type: 'message.sent', text } },
];
