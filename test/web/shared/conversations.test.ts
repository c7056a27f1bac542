/** Folding in the browser: repeats are nothing, gaps are asked for, another epoch forgets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, emptyState } from '#core/protocol/apply.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import { createConversations } from '../../../web/shared/conversations.ts';
import { WELCOME } from './fake-environment.ts';

const ID = '0199a3f2-0000-7000-8000-00000000000a';
const event = (seq: number, body: EventBody): StoredEvent => ({
  conversation: ID,
  seq,
  at: 1_000 + seq,
  by: { kind: 'contact', id: 'c' },
  body,
});
const opened = event(1, {
  type: 'conversation.opened',
  contact: 'c',
  channel: 'web-chat',
  language: 'de',
});
const message = (seq: number) => event(seq, { type: 'message.sent', text: `Nachricht ${seq}` });
const history = [opened, ...[2, 3, 4, 5, 6].map(message)];
const frame = (...events: StoredEvent[]) => ({ t: 'events', conversation: ID, events }) as const;

describe('conversations', () => {
  it('hold what the server holds', () => {
    const conversations = createConversations();
    expect(conversations.take(frame(...history))).toBe(true);
    expect(conversations.get(ID)?.state).toEqual(history.reduce(apply, emptyState(ID)));
    expect(conversations.get(ID)?.events).toEqual(history);
    expect(conversations.lastSeqs()).toEqual({ [ID]: 6 });
  });

  it('ignore repeats, whatever overlaps', () => {
    const pieces = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, (ranges) => {
        const conversations = createConversations();
        for (const [a, b] of [...ranges, [0, 5] as const]) {
          conversations.take(frame(...history.slice(Math.min(a, b), Math.max(a, b) + 1)));
        }
        expect(conversations.get(ID)?.events).toEqual(history);
      }),
    );
  });

  it('ask for what is missing and take nothing beyond the gap', () => {
    const gaps: [string, number][] = [];
    const conversations = createConversations({ onGap: (...gap) => gaps.push(gap) });
    conversations.take(frame(opened, message(2)));
    expect(conversations.take(frame(message(4)))).toBe(false);
    expect(gaps).toEqual([[ID, 2]]);
    expect(conversations.get(ID)?.state.seq).toBe(2);
  });

  it('forget at a reset and with another epoch, not with the same one', () => {
    const conversations = createConversations();
    conversations.take(WELCOME);
    conversations.take(frame(opened));
    expect(conversations.take(WELCOME)).toBe(false);
    expect(conversations.get(ID)).toBeDefined();
    expect(conversations.take({ ...WELCOME, epoch: 'e2' })).toBe(true);
    expect(conversations.get(ID)).toBeUndefined();
    expect(conversations.epoch()).toBe('e2');
    conversations.take(frame(opened));
    expect(conversations.take({ t: 'reset', conversation: ID })).toBe(true);
    expect(conversations.lastSeqs()).toEqual({});
  });

  it('I9: an event of a newer server passes without effect and without a gap', () => {
    const conversations = createConversations();
    const unknown = event(2, { type: 'reaction.added' } as unknown as EventBody);
    conversations.take(frame(opened, unknown, message(3)));
    expect(conversations.get(ID)?.state).toMatchObject({ seq: 3, status: 'open' });
  });
});
