/**
 * What has happened. Events are stored, numbered without gaps per conversation, and never change.
 * Everything that server and browsers know of a conversation is folded from these (`apply.ts`).
 */
import type { Actor, Channel, Choice, HandoverReason, Language } from './entities.ts';

/** How the bot came to its words; I10: only bot messages carry it, and all of them do. */
export type BotMark = {
  ai: true;
  /** The entry that the text was taken from; absent for greetings and questions back. */
  article?: string;
  /** Title of the article as the source to show; absent for small talk. */
  title?: string;
  /** Calibrated probability that this was the right article, 0 to 1. */
  confidence?: number;
};

/** What the agent reads first: why the bot gave up and what it has tried. */
export type HandoverCard = {
  /** The contact's own words that led here. */
  wish: string;
  /** Titles of articles that the bot has already answered with. */
  answered: string[];
  /** Titles the bot considered but was not sure of. */
  considered: string[];
};

export type EventBody =
  | {
      type: 'conversation.opened';
      contact: string;
      channel: Channel;
      language: Language;
      page?: string;
    }
  | { type: 'message.sent'; text: string; bot?: BotMark; choices?: Choice[] }
  | { type: 'note.added'; text: string }
  | { type: 'handover.requested'; reason: HandoverReason; queue: string; card: HandoverCard }
  | { type: 'conversation.assigned'; agent: { id: string; name: string } }
  | { type: 'conversation.released'; to: 'queue' | 'bot'; queue?: string }
  | { type: 'conversation.resolved' }
  | { type: 'conversation.reopened' }
  | { type: 'survey.sent' }
  | { type: 'survey.answered'; score: number; comment?: string }
  /** Stands in for an event that this reader may not see, so that `seq` stays without gaps. */
  | { type: 'hidden' };

export type EventType = EventBody['type'];

/** An event as stored: `seq` starts at 1; `at` is milliseconds since 1970, server time. */
export type StoredEvent = {
  conversation: string;
  seq: number;
  at: number;
  by: Actor;
  /** The client's command id, so that a sender recognises his own message. */
  cid?: string;
  body: EventBody;
};
