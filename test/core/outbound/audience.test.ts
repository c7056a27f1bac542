/**
 * I5: an internal note never reaches a contact, nor anything else that is the house's business.
 * I10: every bot message keeps its mark. For every type of event × random content.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forContact } from '#core/outbound/audience.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, EventType, StoredEvent } from '#core/protocol/events.ts';

const CANARY = 'canary-4711';
/** No double that ends up in an event by chance has these digits. */
const CONFIDENCE = 0.471_147_11;

const words = fc.string({ maxLength: 60 }).filter((text) => !text.includes('4711'));
/** The canary somewhere within other words. */
const secret = fc.tuple(words, words).map(([before, after]) => before + CANARY + after);
const secrets = fc.array(secret, { maxLength: 3 });
const choice = fc.oneof(
  fc.record({ kind: fc.constant('article' as const), article: words, label: words }),
  fc.record({ kind: fc.constant('human' as const), label: words }),
);
const mark = fc.record(
  {
    ai: fc.constant(true as const),
    article: words,
    title: words,
    confidence: fc.constant(CONFIDENCE),
  },
  { requiredKeys: ['ai'] },
);

/** What a contact must not see holds the canary; a new type does not compile before it is here. */
const BODIES: { [T in EventType]: fc.Arbitrary<Extract<EventBody, { type: T }>> } = {
  'conversation.opened': fc.record(
    {
      type: fc.constant('conversation.opened'),
      contact: words,
      channel: fc.constant('web-chat'),
      language: fc.constantFrom('de', 'en'),
      page: words,
    },
    { requiredKeys: ['type', 'contact', 'channel', 'language'] },
  ),
  'message.sent': fc.record(
    {
      type: fc.constant('message.sent'),
      text: words,
      bot: mark,
      choices: fc.array(choice, { maxLength: 3 }),
    },
    { requiredKeys: ['type', 'text'] },
  ),
  'note.added': fc.record({ type: fc.constant('note.added'), text: secret }),
  'handover.requested': fc.record({
    type: fc.constant('handover.requested'),
    reason: fc.constantFrom('requested', 'distress', 'not_understood', 'bot_unavailable'),
    queue: words,
    card: fc.record({ wish: secret, answered: secrets, considered: secrets }),
  }),
  'conversation.assigned': fc.record({
    type: fc.constant('conversation.assigned'),
    agent: fc.record({ id: secret, name: words }),
  }),
  'conversation.released': fc.record(
    {
      type: fc.constant('conversation.released'),
      to: fc.constantFrom('queue', 'bot'),
      queue: words,
    },
    { requiredKeys: ['type', 'to'] },
  ),
  'conversation.resolved': fc.constant({ type: 'conversation.resolved' }),
  'conversation.reopened': fc.constant({ type: 'conversation.reopened' }),
  'survey.sent': fc.constant({ type: 'survey.sent' }),
  'survey.answered': fc.record(
    { type: fc.constant('survey.answered'), score: fc.integer({ min: 1, max: 5 }), comment: words },
    { requiredKeys: ['type', 'score'] },
  ),
  hidden: fc.constant({ type: 'hidden' }),
};

/** The contact's id is his own; an agent's id and the cid of an agent's command are not. */
const sender: fc.Arbitrary<{ by: Actor; cid?: string }> = fc.oneof(
  fc.record({ by: fc.record({ kind: fc.constant('contact'), id: words }), cid: words }),
  fc.record({ by: fc.record({ kind: fc.constant('contact'), id: words }) }),
  fc.record({
    by: fc.record({ kind: fc.constant('agent'), id: secret, name: words }),
    cid: secret,
  }),
  fc.record({ by: fc.constant<Actor>({ kind: 'bot' }), cid: secret }),
  fc.record({ by: fc.constant<Actor>({ kind: 'system' }), cid: secret }),
);

const eventOf = (type: EventType): fc.Arbitrary<StoredEvent> =>
  fc
    .tuple(sender, BODIES[type], fc.nat(1_000), fc.nat(1_000))
    .map(([from, body, seq, at]) => ({ conversation: 'c', seq, at, ...from, body }));

const TYPES = Object.keys(BODIES) as EventType[];

describe.each(TYPES)('%s, whoever sent it', (type) => {
  it("holds nothing for the contact's eyes that is the house's (I5)", () => {
    const property = fc.property(eventOf(type), (event) => {
      const before = structuredClone(event);
      const text = JSON.stringify(forContact(event));
      expect(text).not.toContain('4711');
      expect(text).not.toContain('"confidence"');
      expect(event).toEqual(before);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('stays one event in its place, and the second time changes nothing (G3)', () => {
    const property = fc.property(eventOf(type), (event) => {
      const seen = forContact(event);
      const { conversation, seq, at } = event;
      expect(seen).toMatchObject({ conversation, seq, at });
      expect(seen.body.type).toBe(type === 'note.added' ? 'hidden' : type);
      expect(seen.by.kind).toBe(seen.body.type === 'hidden' ? 'system' : event.by.kind);
      expect(forContact(seen)).toEqual(seen);
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('what the contact does see', () => {
  const seen = (by: Actor, body: EventBody, cid?: string): StoredEvent =>
    forContact({
      conversation: 'c',
      seq: 1,
      at: 1,
      by,
      body,
      ...(cid === undefined ? {} : { cid }),
    });
  const me: Actor = { kind: 'contact', id: 'contact-1' };
  const ada: Actor = { kind: 'agent', id: 'agent-1', name: 'Ada' };

  it('his own command id, so that he knows his message again; nobody else’s', () => {
    const said: EventBody = { type: 'message.sent', text: 'Hi' };
    expect(seen(me, said, 'cid-1')).toMatchObject({ by: me, cid: 'cid-1', body: said });
    for (const by of [ada, { kind: 'bot' }, { kind: 'system' }] as Actor[])
      expect(seen(by, said, 'cid-1')).not.toHaveProperty('cid');
  });

  it("an agent's name, without the id", () => {
    expect(
      seen(ada, { type: 'conversation.assigned', agent: { id: 'agent-1', name: 'Ada' } }),
    ).toStrictEqual({
      conversation: 'c',
      seq: 1,
      at: 1,
      by: { kind: 'agent', id: '', name: 'Ada' },
      body: { type: 'conversation.assigned', agent: { id: '', name: 'Ada' } },
    });
  });

  it('of a note that something is there, and nothing else', () => {
    const { body } = seen(ada, { type: 'note.added', text: 'difficult person' });
    expect(body).toStrictEqual({ type: 'hidden' });
  });

  it('the hand-over and its reason, with an empty card', () => {
    const card = { wish: 'w', answered: ['a'], considered: ['b'] };
    const body = { type: 'handover.requested', reason: 'requested', queue: 'q', card } as const;
    const empty = { wish: '', answered: [], considered: [] };
    expect(seen({ kind: 'bot' }, body).body).toStrictEqual({ ...body, card: empty });
  });

  it('every bot message as that of an AI, with source and choices (I10)', () => {
    const property = fc.property(eventOf('message.sent'), (event) => {
      if (event.body.type !== 'message.sent') return;
      const { body } = forContact(event);
      if (event.body.bot === undefined) {
        expect(body).toStrictEqual(event.body);
        return;
      }
      const { confidence: _, ...bot } = event.body.bot;
      expect(bot.ai).toBe(true);
      expect(body).toStrictEqual({ ...event.body, bot });
    });
    fc.assert(property, { numRuns: 300 });
  });
});
