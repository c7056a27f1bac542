/**
 * The router: which handler decides a command, in which lane it runs, and what follows from it.
 * Rules: R1 a contact's words are stored and acknowledged before the bot hears them · R2 a choice
 * is answered in the same commit · R3 asking for a person never fails while the store works.
 */

import { decideAgentCommand } from '#core/agent/desk.ts';
import type { Bot, BotContext } from '#core/bot/bot.ts';
import { handoverEvents, QUEUE } from '#core/bot/handover.ts';
import { decideMessage, decideOpen, reopenFirst } from '#core/contacts/writing.ts';
import { accessConversation } from '#core/identity/permissions.ts';
import { decideSurveyAnswer } from '#core/insights/csat.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import type { Actor, Article, Language } from '#core/protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '#core/protocol/errors.ts';
import { isBotDue } from '#core/store/conversations.ts';
import type { BotTurns } from './bot-turns.ts';
import type { Ack, Draft, Lanes } from './lane.ts';

export type Contact = {
  id: string;
  /** Stored with the contact's first conversation. */
  unstored?: { tokenHash: string; language: Language; at: number };
};
export type Router = ReturnType<typeof createRouter>;

export function createRouter(deps: {
  lanes: Lanes;
  bot: Bot;
  turns: BotTurns;
  article: (id: string) => Article | undefined;
  context: () => BotContext;
  /** Is this agent connected? Who went home must not keep a conversation. */
  isThere: (agent: string) => boolean;
}) {
  const { lanes, bot, turns } = deps;
  const desk = { queue: QUEUE, isThere: deps.isThere };

  async function fromContact(
    contact: Contact,
    cid: string,
    command: ContactCommand,
  ): Promise<Ack | Refusal> {
    const by: Actor = { kind: 'contact', id: contact.id };
    const outcome = await lanes.run({
      conversation: command.conversation,
      by,
      once: { cid, command },
      ...(contact.unstored && { newContact: { id: contact.id, ...contact.unstored } }),
      decide: (state) => decideForContact(state, contact, command),
    });
    if (!isRefusal(outcome)) heardBy(command.conversation);
    return outcome;
  }

  /** The bot's turn comes after the ack and on its own time (R1). */
  function heardBy(conversation: string): void {
    const state = lanes.state(conversation);
    if (state && isBotDue(state)) turns.start(conversation);
  }

  function decideForContact(
    state: ConversationState,
    contact: Contact,
    command: ContactCommand,
  ): Draft[] | Refusal {
    if (command.type === 'conversation.open') {
      const opened = decideOpen(state, contact.id, command);
      return isRefusal(opened) ? opened : [...opened, bot.greeting(command.language)];
    }
    const mine = accessConversation({ kind: 'contact', id: contact.id }, state);
    if (mine === undefined) return refuse('not_found');
    switch (command.type) {
      case 'message.send':
        return decideMessage(mine, command.text);
      case 'article.choose':
        return choose(mine, command.article);
      case 'human.request':
        return requestHuman(mine);
      case 'survey.answer':
        return decideSurveyAnswer(mine, command);
    }
  }

  /** R2. Once people have the conversation the choice is just the contact's message. */
  function choose(state: ConversationState, id: string): Draft[] | Refusal {
    const article = deps.article(id);
    if (article?.kind !== 'article') return refuse('not_found', 'article');
    const label = article[state.language].title;
    const message = decideMessage(state, label);
    const isBotsTurn = state.owner.kind === 'bot' || state.status === 'resolved';
    return isBotsTurn ? [...message, ...bot.answer(id, state.language)] : message;
  }

  /** R3. Nothing happens twice: people who already have the conversation keep it. */
  function requestHuman(state: ConversationState): Draft[] {
    if (state.owner.kind === 'queue' || state.owner.kind === 'agent') return [];
    const { agentsOnline, serviceHours } = deps.context();
    const [request, ...told] = handoverEvents(state, {
      language: state.language,
      reason: 'requested',
      wish: state.said ?? '',
      agentsOnline,
      serviceHours: serviceHours[state.language],
    });
    // It is the contact who asks: the event is his, and his cid finds it again.
    return [...reopenFirst(state), ...(request ? [{ body: request.body }] : []), ...told];
  }

  async function fromAgent(
    agent: { id: string; name: string },
    cid: string,
    command: AgentCommand,
  ): Promise<Ack | Refusal> {
    const by: Actor = { kind: 'agent', id: agent.id, name: agent.name };
    const outcome = await lanes.run({
      conversation: command.conversation,
      by,
      once: { cid, command },
      decide: (state) => decideAgentCommand(state, agent, command, desk),
    });
    // Given back to the bot with a question open: the bot owes the answer.
    if (!isRefusal(outcome)) heardBy(command.conversation);
    return outcome;
  }

  return Object.freeze({ fromContact, fromAgent });
}
