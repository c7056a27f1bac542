/**
 * The person answers: what an agent may do with a conversation, as a table of state × command →
 * events or a refusal. Ownership is checked here, at the moment of sending (I4). Pure.
 */

import type { ConversationState } from '#core/protocol/apply.ts';
import type { AgentCommand } from '#core/protocol/commands.ts';
import { type Refusal, refuse } from '#core/protocol/errors.ts';
import type { EventBody } from '#core/protocol/events.ts';

export type DeskEvent = { body: EventBody };

/** @returns what happens, in order; the agent himself is the sender of all of it */
export function decideAgentCommand(
  state: ConversationState,
  agent: { id: string; name: string },
  command: AgentCommand,
  desk: { queue: string; isThere: (agent: string) => boolean },
): DeskEvent[] | Refusal {
  if (state.status === 'none') return refuse('not_found');
  if (command.type === 'note.add') return [{ body: { type: 'note.added', text: command.text } }];
  if (state.status !== 'open') return refuse('conversation_not_open');
  const { owner } = state;
  const isMine = owner.kind === 'agent' && owner.id === agent.id;
  if (command.type === 'conversation.take') {
    if (isMine) return [];
    if (owner.kind === 'agent' && desk.isThere(owner.id)) {
      return refuse('conversation_already_taken', owner.name);
    }
    return [{ body: { type: 'conversation.assigned', agent: { id: agent.id, name: agent.name } } }];
  }
  if (!isMine) return refuse('conversation_not_yours');
  switch (command.type) {
    case 'message.send':
      return [{ body: { type: 'message.sent', text: command.text } }];
    case 'conversation.release':
      return [
        {
          body:
            command.to === 'bot'
              ? { type: 'conversation.released', to: 'bot' }
              : { type: 'conversation.released', to: 'queue', queue: desk.queue },
        },
      ];
    case 'conversation.resolve':
      return [{ body: { type: 'conversation.resolved' } }, { body: { type: 'survey.sent' } }];
  }
}
