/** What this agent may do with a conversation now; the server decides again when asked. */
import type { AgentCommand } from '../../../core/protocol/commands.ts';
import type { Row } from './model.ts';

export type Abilities = {
  mine: boolean;
  take: boolean;
  resolve: boolean;
  release: boolean;
  reply: boolean;
  /** Name of the colleague who holds it. */
  heldBy: string | undefined;
};

export function abilities(row: Row, me: string): Abilities {
  const open = row.status === 'open';
  const mine = row.owner.kind === 'agent' && row.owner.id === me;
  const heldBy = row.owner.kind === 'agent' && !mine ? row.owner.name : undefined;
  return {
    mine,
    take: open && !mine && heldBy === undefined,
    resolve: open && mine,
    release: open && mine,
    reply: open && heldBy === undefined,
    heldBy,
  };
}

/** In this order they reach the server: the outbox is first in, first out. */
export function replyCommands(row: Row, me: string, text: string): AgentCommand[] {
  const conversation = row.id;
  const send: AgentCommand = { type: 'message.send', conversation, text };
  return abilities(row, me).mine ? [send] : [{ type: 'conversation.take', conversation }, send];
}
