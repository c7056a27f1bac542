/**
 * The one fold: conversation state + event = conversation state. Server, console and widget use
 * this same function, so that nobody shows what the database does not hold (replay equality).
 * Pure; throws only when an event breaks the lifecycle or leaves a gap, which is a bug.
 */
import type { HandoverReason, Language, Owner } from './entities.ts';
import type { HandoverCard, StoredEvent } from './events.ts';
import { nextStatus, type Status } from './lifecycle.ts';
import { cutText } from './text.ts';

export type ConversationState = {
  id: string;
  seq: number;
  status: Status;
  owner: Owner;
  contact: string;
  language: Language;
  openedAt: number;
  updatedAt: number;
  /** Since when the contact has been waiting for a reply; undefined when nobody owes one. */
  waitingSince?: number;
  /** `seq` of the newest message of the contact, 0 for none. */
  contactSeq: number;
  /** `seq` of the newest contact message that bot or agent has reacted to. */
  answeredSeq: number;
  /** Bot turns in a row that did not help. */
  failures: number;
  handover?: { reason: HandoverReason; card: HandoverCard; at: number };
  /** Titles of the articles that the bot has answered with, oldest first, at most 10. */
  answered: string[];
  /** The contact's newest words, cut to 140 characters. */
  said?: string;
  /** The newest message of contact, bot or agent, cut to 140 characters, for lists. */
  preview?: { by: 'contact' | 'bot' | 'agent'; text: string };
  survey?: { sentAt: number; score?: number; comment?: string };
};

const PREVIEW_LENGTH = 140;
const ANSWERED_MAX = 10;

export const emptyState = (id: string): ConversationState => ({
  id,
  seq: 0,
  status: 'none',
  owner: { kind: 'nobody' },
  contact: '',
  language: 'de',
  openedAt: 0,
  updatedAt: 0,
  contactSeq: 0,
  answeredSeq: 0,
  failures: 0,
  answered: [],
});

/**
 * @param state what is known up to `event.seq - 1`; not changed
 * @returns the state including `event`
 * @throws Error when the event leaves a gap or may not happen in the state's status
 */
export function apply(state: ConversationState, event: StoredEvent): ConversationState {
  if (event.seq !== state.seq + 1) {
    throw new Error(`gap in ${state.id}: after ${state.seq} came ${event.seq}`);
  }
  const status = nextStatus(state.status, event.body.type);
  if (status === undefined) {
    throw new Error(`${event.body.type} may not happen while ${state.status} (${state.id})`);
  }
  return { ...state, ...changes(state, event), seq: event.seq, status, updatedAt: event.at };
}

function changes(state: ConversationState, event: StoredEvent): Partial<ConversationState> {
  const { body, at } = event;
  switch (body.type) {
    case 'conversation.opened':
      return {
        contact: body.contact,
        language: body.language,
        openedAt: at,
        owner: { kind: 'bot' },
      };
    case 'message.sent':
      return messageChanges(state, event, body);
    case 'handover.requested':
      return {
        owner: { kind: 'queue', queue: body.queue },
        handover: { reason: body.reason, card: body.card, at },
        waitingSince: state.waitingSince ?? at,
        answeredSeq: state.contactSeq,
        failures: 0,
      };
    case 'conversation.assigned':
      return { owner: { kind: 'agent', ...body.agent } };
    case 'conversation.released':
      return body.to === 'bot'
        ? { owner: { kind: 'bot' }, waitingSince: owedSince(state), failures: 0 }
        : {
            owner: { kind: 'queue', queue: body.queue ?? 'service' },
            waitingSince: state.waitingSince ?? at,
          };
    case 'conversation.resolved':
      return {
        owner: { kind: 'nobody' },
        waitingSince: undefined,
        answeredSeq: state.contactSeq,
      };
    case 'conversation.reopened':
      return { owner: { kind: 'bot' }, failures: 0, survey: undefined };
    case 'survey.sent':
      return { survey: { sentAt: at } };
    case 'survey.answered':
      return {
        survey: { sentAt: at, ...state.survey, score: body.score, comment: body.comment },
      };
    case 'note.added':
    case 'hidden':
      return {};
  }
}

/** Since when a message of the contact is unanswered; being in a queue alone is no debt. */
const owedSince = (state: ConversationState): number | undefined =>
  state.contactSeq > state.answeredSeq ? state.waitingSince : undefined;

function messageChanges(
  state: ConversationState,
  event: StoredEvent,
  body: Extract<StoredEvent['body'], { type: 'message.sent' }>,
): Partial<ConversationState> {
  const by = event.by.kind === 'system' ? 'bot' : event.by.kind;
  const preview = { by, text: cutText(body.text, PREVIEW_LENGTH) };
  if (by === 'contact') {
    const said = preview.text;
    return { preview, said, contactSeq: event.seq, waitingSince: state.waitingSince ?? event.at };
  }
  const common = { preview, waitingSince: undefined, answeredSeq: state.contactSeq };
  if (by === 'agent') return common;
  // A greeting, or "a person is coming" after the hand-over, is no reply to what was asked.
  if (state.contactSeq === state.answeredSeq || state.owner.kind !== 'bot') return {};
  if (body.bot?.article === undefined) return { ...common, failures: state.failures + 1 };
  if (body.bot.title === undefined) return { ...common, failures: 0 };
  return {
    ...common,
    failures: 0,
    answered: [...state.answered, body.bot.title].slice(-ANSWERED_MAX),
  };
}
