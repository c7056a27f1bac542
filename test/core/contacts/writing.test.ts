/** The contact writes: what opens, what reopens, and that it is legal where it is decided. */
import { describe, expect, it } from 'vitest';
import { decideMessage, decideOpen, reopenFirst } from '#core/contacts/writing.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import type { EventBody } from '#core/protocol/events.ts';

const fold = (state: ConversationState, events: readonly { body: EventBody }[]) =>
  events.reduce(
    (before, { body }) =>
      apply(before, {
        conversation: 'c',
        seq: before.seq + 1,
        at: 1,
        by: { kind: 'contact', id: 'me' },
        body,
      }),
    state,
  );

const none = Object.freeze(emptyState('c'));
const open = Object.freeze(
  fold(none, [
    {
      body: { type: 'conversation.opened', contact: 'me', channel: 'web-chat', language: 'en' },
    },
  ]),
);
const resolved = Object.freeze(fold(open, [{ body: { type: 'conversation.resolved' } }]));

describe('opening', () => {
  it('opens what does not exist yet, in the language and on the page of the contact', () => {
    const events = decideOpen(none, 'me', { language: 'en', page: 'https://shop.example/' });
    expect(events).toStrictEqual([
      {
        body: {
          type: 'conversation.opened',
          contact: 'me',
          channel: 'web-chat',
          language: 'en',
          page: 'https://shop.example/',
        },
      },
    ]);
    if (!isRefusal(events)) expect(fold(none, events)).toMatchObject({ status: 'open' });
  });

  it('knows no page when none was given', () => {
    const events = decideOpen(none, 'me', { language: 'de', page: undefined });
    expect(JSON.stringify(events)).not.toContain('page');
    expect(isRefusal(events) ? [] : Object.keys(events[0]?.body ?? {})).not.toContain('page');
  });

  it.each([open, resolved])('refuses an id that is in use, whoever asks: $status', (state) => {
    for (const contact of ['me', 'somebody else'])
      expect(decideOpen(state, contact, { language: 'de' })).toStrictEqual({
        refused: 'conversation_exists',
      });
  });
});

describe('writing', () => {
  it('is one message while open', () => {
    const events = decideMessage(open, 'Hi');
    expect(events).toStrictEqual([{ body: { type: 'message.sent', text: 'Hi' } }]);
    expect(fold(open, events)).toMatchObject({ status: 'open', contactSeq: 2 });
  });

  it('reopens what was resolved, first, and the bot hears it', () => {
    const events = decideMessage(resolved, 'One more thing');
    expect(events).toStrictEqual([
      { body: { type: 'conversation.reopened' } },
      { body: { type: 'message.sent', text: 'One more thing' } },
    ]);
    const after = fold(resolved, events);
    expect(after).toMatchObject({ status: 'open', owner: { kind: 'bot' }, contactSeq: 4 });
    expect(after.waitingSince).toBe(1);
  });

  it('nothing is reopened that is not resolved', () => {
    expect([reopenFirst(none), reopenFirst(open)]).toEqual([[], []]);
  });

  it('carries no mark of the bot (I10)', () => {
    expect(JSON.stringify(decideMessage(resolved, 'x'))).not.toContain('"bot"');
  });
});
