/**
 * The life of a conversation, drawn once. Which event may follow in which status:
 *
 *   (none) ─opened─▶ open ─resolved─▶ resolved ─reopened─▶ open
 *                     │ message, note, handover, assigned, released
 *                     └ survey.sent, survey.answered only while resolved
 */
import type { EventType } from './events.ts';

export const STATUSES = ['none', 'open', 'resolved'] as const;
export type Status = (typeof STATUSES)[number];

const NEXT: Record<Status, Partial<Record<EventType, Status>>> = {
  none: { 'conversation.opened': 'open' },
  open: {
    'message.sent': 'open',
    'note.added': 'open',
    'handover.requested': 'open',
    'conversation.assigned': 'open',
    'conversation.released': 'open',
    'conversation.resolved': 'resolved',
    hidden: 'open',
  },
  resolved: {
    'note.added': 'resolved',
    'survey.sent': 'resolved',
    'survey.answered': 'resolved',
    'conversation.reopened': 'open',
    hidden: 'resolved',
  },
};

/** The status after `type`, or undefined where the event may not happen in `status`. */
export const nextStatus = (status: Status, type: EventType): Status | undefined =>
  NEXT[status][type];
