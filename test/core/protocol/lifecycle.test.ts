/** The life of a conversation, every status × every event: what is not in this table is refused. */
import { expect, it } from 'vitest';
import type { EventType } from '#core/protocol/events.ts';
import { nextStatus, STATUSES, type Status } from '#core/protocol/lifecycle.ts';

const no = undefined;
/** A new type of event does not compile before it has its row here. */
const TABLE: Record<EventType, [none: Status | undefined, open: typeof no | Status, Status?]> = {
  'conversation.opened': ['open', no, no],
  'message.sent': [no, 'open', no],
  'note.added': [no, 'open', 'resolved'],
  'handover.requested': [no, 'open', no],
  'conversation.assigned': [no, 'open', no],
  'conversation.released': [no, 'open', no],
  'conversation.resolved': [no, 'resolved', no],
  'conversation.reopened': [no, no, 'open'],
  'survey.sent': [no, no, 'resolved'],
  'survey.answered': [no, no, 'resolved'],
  hidden: [no, 'open', 'resolved'],
};

const cells = (Object.keys(TABLE) as EventType[]).flatMap((type) =>
  STATUSES.map((status, i) => [type, status, TABLE[type][i]] as const),
);

it.each(cells)('%s while %s → %s', (type, status, next) => {
  expect(nextStatus(status, type)).toBe(next);
});

it('knows no other event', () => {
  for (const status of STATUSES)
    expect(nextStatus(status, 'message.deleted' as EventType)).toBeUndefined();
});
