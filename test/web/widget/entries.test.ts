/** What stands in the transcript, and that an own message keeps its place and key while sent. */
import { describe, expect, it } from 'vitest';
import { apply, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import type { PendingCommand } from '../../../web/shared/connection.ts';
import { entriesOf } from '../../../web/widget/state/entries.ts';
import { emptyModel, type Model } from '../../../web/widget/state/model.ts';

const ID = '0199a3f2-0000-7000-8000-00000000000a';
const AT = new Date(2026, 10, 22, 9).getTime();
const bot: Actor = { kind: 'bot' };
const anna: Actor = { kind: 'agent', id: 'a', name: 'Anna' };
const contact: Actor = { kind: 'contact', id: 'c' };

function modelOf(bodies: [Actor, EventBody, string?][], changes: Partial<Model> = {}): Model {
  const opened: EventBody = {
    type: 'conversation.opened',
    contact: 'c',
    channel: 'web-chat',
    language: 'de',
  };
  const all: [Actor, EventBody, string?][] = [[contact, opened], ...bodies];
  const events: StoredEvent[] = all.map(([by, body, cid], i) => ({
    conversation: ID,
    seq: i + 1,
    at: AT + i,
    by,
    cid,
    body,
  }));
  const conversation = { state: events.reduce(apply, emptyState(ID)), events };
  return { ...emptyModel, conversationId: ID, conversation, ...changes };
}

const said = (text: string, more: object = {}): EventBody => ({
  type: 'message.sent',
  text,
  ...more,
});
const pending = (id: string, text: string): PendingCommand => ({
  id,
  command: { type: 'message.send', conversation: ID, text },
  state: 'sending',
});
const entries = (model: Model) => entriesOf(model, (article) => `Titel von ${article}`);

describe('entries', () => {
  it('tell the story: day, messages, system lines; notes and openings stay out', () => {
    const model = modelOf([
      [bot, said('Hallo')],
      [contact, said('Mensch bitte'), 'x'],
      [bot, { type: 'handover.requested', reason: 'requested', queue: 'service', card: noCard }],
      [anna, { type: 'conversation.assigned', agent: { id: 'a', name: 'Anna' } }],
      [bot, { type: 'hidden' }],
      [anna, said('Guten Tag')],
      [anna, { type: 'conversation.resolved' }],
    ]);
    expect(entries(model).map((e) => (e.kind === 'line' ? e.text : e.kind))).toEqual([
      'day',
      'message',
      'message',
      'lineHandover',
      'lineAssigned',
      'message',
      'lineResolved',
    ]);
  });

  it('keep key and place of an own message from sending over ack to event', () => {
    const own = pending('x', 'Hallo?');
    const sending = entries(modelOf([[bot, said('Hallo')]], { pending: [own] }));
    const acked = entries(modelOf([[bot, said('Hallo')]], { acked: [{ pending: own, at: AT }] }));
    const both = entries(
      modelOf([[bot, said('Hallo')]], { acked: [{ pending: own, at: AT }], pending: [own] }),
    );
    const stored = entries(
      modelOf(
        [
          [bot, said('Hallo')],
          [contact, said('Hallo?'), 'x'],
        ],
        { pending: [own] },
      ),
    );
    const keys = [sending, acked, both, stored].map((list) => list.map(({ key }) => key));
    expect(new Set(keys.map(String)).size).toBe(1);
    expect(sending.at(-1)).toMatchObject({ state: 'sending', text: 'Hallo?' });
    expect(acked.at(-1)).toMatchObject({ state: 'stored', at: AT });
    expect(stored.at(-1)).toMatchObject({ state: 'stored', at: AT + 2 });
  });

  it('show the words of a choice at once, and nothing for asking for a person', () => {
    const chosen: PendingCommand = {
      id: 'y',
      command: { type: 'article.choose', conversation: ID, article: 'delivery-time' },
      state: 'sending',
    };
    const human: PendingCommand = {
      id: 'z',
      command: { type: 'human.request', conversation: ID },
      state: 'sending',
    };
    const list = entries(modelOf([], { pending: [chosen, human] }));
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({ text: 'Titel von delivery-time' });
  });

  it('offer choices only below the newest message', () => {
    const choices = [{ kind: 'human', label: 'Mensch' }] as const;
    const first = entries(modelOf([[bot, said('Meinen Sie …', { choices })]]));
    expect(first.at(-1)).toMatchObject({ choices });
    const later = entries(
      modelOf([[bot, said('Meinen Sie …', { choices })]], { pending: [pending('x', 'Nein')] }),
    );
    expect(later.some((e) => e.kind === 'message' && e.choices)).toBe(false);
  });

  it('leave pending commands of other conversations out', () => {
    const other = { ...pending('x', 'woanders'), command: { ...pending('x', 'x').command } };
    other.command.conversation = '0199a3f2-0000-7000-8000-00000000000b';
    expect(entries(modelOf([], { pending: [other] }))).toEqual([]);
  });
});

const noCard = { wish: '', answered: [], considered: [] };
