/**
 * The hand-over: the bot gives the conversation to people, tells the contact so, and leaves the
 * agent a card with why and what was tried. Pure: state in, events out.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { Actor, HandoverReason, Language } from '#core/protocol/entities.ts';
import type { EventBody } from '#core/protocol/events.ts';
import { cutText } from '#core/protocol/text.ts';
import { WORDS } from './words.ts';

export type BotEvent = { body: EventBody; by: Actor };
export const BOT: Actor = { kind: 'bot' };

/** The one queue of this version. */
export const QUEUE = 'service';
const WISH_LENGTH = 500;

export type HandoverContext = {
  language: Language;
  reason: HandoverReason;
  /** The contact's own words that led here; empty when there are none yet. */
  wish: string;
  /** Titles that the bot considered without being sure. */
  considered?: string[];
  agentsOnline: number;
  serviceHours: string;
  /** Said instead of the standard words, e.g. the careful text of the article on distress. */
  words?: string;
};

/** @returns the hand-over and the one message that tells the contact, in this order */
export function handoverEvents(state: ConversationState, context: HandoverContext): BotEvent[] {
  const words = WORDS[context.language];
  const first = context.words ?? words.handover[context.reason];
  const then =
    context.agentsOnline > 0 ? words.personComes : words.nobodyOnline(context.serviceHours);
  return [
    {
      by: BOT,
      body: {
        type: 'handover.requested',
        reason: context.reason,
        queue: QUEUE,
        card: {
          wish: cutText(context.wish, WISH_LENGTH),
          answered: state.answered,
          considered: context.considered ?? [],
        },
      },
    },
    {
      by: BOT,
      body: { type: 'message.sent', text: `${first} ${then}`, bot: { ai: true } },
    },
  ];
}
