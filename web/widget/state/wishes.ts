/** What a contact asks for, before it is known in which conversation. */
import type { ContactCommand } from '../../../core/protocol/commands.ts';
import type { PendingCommand } from '../../shared/connection.ts';

type WithoutConversation<C> = C extends { conversation: string } ? Omit<C, 'conversation'> : never;

export type Wish = WithoutConversation<Exclude<ContactCommand, { type: 'conversation.open' }>>;

/** @returns what of a pending command is worth asking again in another conversation */
export function wishOf({ command }: PendingCommand): Wish | undefined {
  switch (command.type) {
    case 'message.send':
      return { type: command.type, text: command.text };
    case 'article.choose':
      return { type: command.type, article: command.article };
    case 'human.request':
      return { type: command.type };
    default:
      return undefined;
  }
}
