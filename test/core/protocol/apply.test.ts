/**
 * The fold, by random histories: whatever the lifecycle allows never throws and keeps the
 * invariants; everything else throws. G4: the fold of all is the fold of a prefix and the rest.
 *
 * The rule of waiting, in one sentence: `waitingSince` is set at the contact's message, the
 * hand-over or the return to the queue, whichever came first since the last reply; it is unset when
 * an agent writes, when the bot replies while it owns the conversation, and when it is resolved.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forContact } from '#core/outbound/audience.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, EventType, StoredEvent } from '#core/protocol/events.ts';
import { nextStatus, STATUSES } from '#core/protocol/lifecycle.ts';

const ME: Actor = { kind: 'contact', id: 'contact-1' };
const BOT: Actor = { kind: 'bot' };
const ADA: Actor = { kind: 'agent', id: 'agent-1', name: 'Ada' };
const ACTORS: Actor[] = [ME, BOT, ADA, { kind: 'system' }];

const words = fc.string({ maxLength: 200 });
const titles = fc.array(words, { maxLength: 3 });
const mark = fc.record(
  { ai: fc.constant(true as const), article: words, title: words, confidence: fc.double() },
  { requiredKeys: ['ai'] },
);

/** Any body of each type; a new type of event does not compile before it is here. */
const BODIES: { [T in EventType]: fc.Arbitrary<Extract<EventBody, { type: T }>> } = {
  'conversation.opened': fc.record({
    type: fc.constant('conversation.opened'),
    contact: fc.constant('contact-1'),
    channel: fc.constant('web-chat'),
    language: fc.constantFrom('de', 'en'),
  }),
  'message.sent': fc.record(
    { type: fc.constant('message.sent'), text: words, bot: mark },
    { requiredKeys: ['type', 'text'] },
  ),
  'note.added': fc.record({ type: fc.constant('note.added'), text: words }),
  'handover.requested': fc.record({
    type: fc.constant('handover.requested'),
    reason: fc.constantFrom('requested', 'distress', 'not_understood', 'bot_unavailable'),
    queue: fc.constant('service'),
    card: fc.record({ wish: words, answered: titles, considered: titles }),
  }),
  'conversation.assigned': fc.record({
    type: fc.constant('conversation.assigned'),
    agent: fc.constantFrom({ id: 'agent-1', name: 'Ada' }, { id: 'agent-2', name: 'Bo' }),
  }),
  'conversation.released': fc.constantFrom(
    { type: 'conversation.released', to: 'bot' },
    { type: 'conversation.released', to: 'queue', queue: 'service' },
    { type: 'conversation.released', to: 'queue' },
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
const TYPES = Object.keys(BODIES) as EventType[];

type Step = { pick: number; by: Actor; later: number; bodies: Record<EventType, EventBody> };
const step: fc.Arbitrary<Step> = fc.record({
  pick: fc.nat(1_000),
  by: fc.constantFrom(...ACTORS),
  later: fc.nat(60_000),
  bodies: fc.record(BODIES),
});

/** A history that the lifecycle allows; who does what is up to chance, wilder than the product. */
const histories = fc.array(step, { maxLength: 40 }).map((steps) => {
  const events: StoredEvent[] = [];
  let state = emptyState('c');
  for (const { pick, by, later, bodies } of steps) {
    const legal = TYPES.filter((type) => nextStatus(state.status, type) !== undefined);
    const type = legal[pick % legal.length] ?? 'hidden';
    const at = state.updatedAt + later;
    const event = { conversation: 'c', seq: state.seq + 1, at, by, body: bodies[type] };
    events.push(event);
    state = apply(state, event);
  }
  return events;
});

/** From here on a write to what was handed in throws a TypeError. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

const fold = (events: readonly StoredEvent[], from = emptyState('c')): ConversationState =>
  events.reduce(apply, from);

const OWNER_KEYS: Record<ConversationState['owner']['kind'], string[]> = {
  bot: ['kind'],
  nobody: ['kind'],
  queue: ['kind', 'queue'],
  agent: ['id', 'kind', 'name'],
};

function checkInvariants(before: ConversationState, after: ConversationState): void {
  expect(after.seq).toBe(before.seq + 1);
  expect(STATUSES).toContain(after.status);
  // I4: exactly one owner, and nobody only where nothing is owed.
  expect(Object.keys(after.owner).sort()).toEqual(OWNER_KEYS[after.owner.kind]);
  expect(after.owner.kind === 'nobody').toBe(after.status !== 'open');
  if (after.status !== 'open') expect(after.waitingSince).toBeUndefined();
  expect(after.answered.length).toBeLessThanOrEqual(10);
  expect(after.preview?.text.length ?? 0).toBeLessThanOrEqual(140);
  expect(after.said?.length ?? 0).toBeLessThanOrEqual(140);
  expect(after.failures).toBeGreaterThanOrEqual(0);
  expect(after.contactSeq).toBeLessThanOrEqual(after.seq);
  expect(after.answeredSeq).toBeLessThanOrEqual(after.contactSeq);
  expect(after.waitingSince ?? 0).toBeLessThanOrEqual(after.updatedAt);
  expect([after.id, after.contact]).toEqual(['c', 'contact-1']);
}

describe('any history that the lifecycle allows', () => {
  it('never throws, keeps the invariants (I4) and changes nothing it was handed', () => {
    const owners = new Set<string>();
    const property = fc.property(histories, (events) => {
      let state = frozen(emptyState('c'));
      for (const event of events) {
        const next = frozen(apply(state, frozen(event)));
        checkInvariants(state, next);
        owners.add(next.owner.kind);
        state = next;
      }
    });
    fc.assert(property, { numRuns: 300 });
    expect([...owners].sort()).toEqual(['agent', 'bot', 'nobody', 'queue']);
  });

  it('G4: folds to the same in one go, from any snapshot, and after a trip over the wire', () => {
    const property = fc.property(histories, fc.nat(), (events, cut) => {
      const at = cut % (events.length + 1);
      const snapshot = JSON.parse(JSON.stringify(fold(events.slice(0, at))));
      const rest = JSON.parse(JSON.stringify(events.slice(at))) as StoredEvent[];
      expect(fold(rest, snapshot)).toEqual(fold(events));
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('G3, G4: the contact folds the same without gaps, less what is not his to see', () => {
    const property = fc.property(histories, (events) => {
      const his = events.map(forContact);
      expect(his.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
      const { owner, handover, ...rest } = fold(events);
      const card = { wish: '', answered: [], considered: [] };
      expect(fold(his)).toEqual({
        ...rest,
        owner: owner.kind === 'agent' ? { ...owner, id: '' } : owner,
        ...(handover && { handover: { ...handover, reason: 'requested', card } }),
      });
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('throws on every event that the status does not allow, and on every gap', () => {
    const property = fc.property(histories, step, fc.integer(), (events, extra, seq) => {
      const state = frozen(fold(events));
      for (const type of TYPES) {
        const event = { conversation: 'c', at: 1, by: extra.by, body: extra.bodies[type] };
        const isLegal = nextStatus(state.status, type) !== undefined;
        const add = (number: number) => () => apply(state, { ...event, seq: number });
        if (isLegal) expect(add(state.seq + 1)).not.toThrow();
        else expect(add(state.seq + 1)).toThrow(/may not happen/);
        if (seq !== state.seq + 1) expect(add(seq)).toThrow(/gap/);
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('what is owed', () => {
  /** A history as the product makes it, one minute between events. */
  const happen = (...steps: [Actor, EventBody][]): ConversationState =>
    fold(steps.map(([by, body], i) => ({ conversation: 'c', seq: i + 1, at: i + 1, by, body })));
  const opened: [Actor, EventBody] = [
    ME,
    { type: 'conversation.opened', contact: 'contact-1', channel: 'web-chat', language: 'en' },
  ];
  const asks: [Actor, EventBody] = [ME, { type: 'message.sent', text: 'Where is it?' }];
  const says = (bot: object): [Actor, EventBody] => [
    BOT,
    { type: 'message.sent', text: 'So.', bot: { ai: true, ...bot } },
  ];
  const card = { wish: '', answered: [], considered: [] };
  const handover: [Actor, EventBody] = [
    BOT,
    { type: 'handover.requested', reason: 'requested', queue: 'service', card },
  ];
  const takes: [Actor, EventBody] = [
    ADA,
    { type: 'conversation.assigned', agent: { id: 'agent-1', name: 'Ada' } },
  ];
  const replies: [Actor, EventBody] = [ADA, { type: 'message.sent', text: 'Here.' }];
  const notes: [Actor, EventBody] = [ADA, { type: 'note.added', text: 'Hm.' }];
  const resolves: [Actor, EventBody] = [ADA, { type: 'conversation.resolved' }];
  const reopens: [Actor, EventBody] = [ME, { type: 'conversation.reopened' }];
  const releases = (to: 'bot' | 'queue'): [Actor, EventBody] => [
    ADA,
    { type: 'conversation.released', to },
  ];
  const helped = { article: 'a', title: 'A' };

  it.each<[string, number | undefined, [Actor, EventBody][]]>([
    ['nothing after the greeting', undefined, [opened, says({})]],
    ['a reply to a question', 2, [opened, asks]],
    ['counted from the first of two questions', 2, [opened, asks, asks]],
    ['nothing after the bot answered', undefined, [opened, asks, says(helped)]],
    ['nothing after the bot asked back', undefined, [opened, asks, says({})]],
    ['a person after the hand-over', 3, [opened, says({}), handover]],
    ['still, when the bot has said that one comes', 2, [opened, asks, handover, says({})]],
    ['still, when one has taken it', 2, [opened, asks, handover, takes]],
    ['still, after a note', 2, [opened, asks, handover, takes, notes]],
    ['nothing after his reply', undefined, [opened, asks, handover, takes, replies]],
    ['again after the next question', 6, [opened, asks, handover, takes, replies, asks]],
    [
      'again after the return to the queue',
      6,
      [opened, asks, handover, takes, replies, releases('queue')],
    ],
    [
      'since the question, not since the return to the queue',
      2,
      [opened, asks, handover, takes, releases('queue')],
    ],
    [
      'nothing given back to the bot after a reply',
      undefined,
      [opened, asks, handover, takes, replies, releases('bot')],
    ],
    [
      'by the bot, when it gets back an open question',
      6,
      [opened, asks, handover, takes, replies, asks, releases('bot')],
    ],
    ['nothing once resolved', undefined, [opened, asks, handover, takes, resolves]],
    ['a reply after reopening', 7, [opened, asks, handover, takes, resolves, reopens, asks]],
  ])('%s', (_name, since, steps) => {
    expect(happen(...steps).waitingSince).toBe(since);
  });

  it('failures count turns in a row without help, and help ends the count', () => {
    const no = [asks, says({})];
    expect(happen(opened, says({})).failures).toBe(0);
    expect(happen(opened, ...no, ...no).failures).toBe(2);
    expect(happen(opened, ...no, asks, says(helped)).failures).toBe(0);
    expect(happen(opened, ...no, asks, says({ article: 'small-talk' })).failures).toBe(0);
    expect(happen(opened, ...no, asks, handover).failures).toBe(0);
  });

  it('remembers the last ten articles, oldest first, and no small talk', () => {
    const turns = Array.from({ length: 12 }, (_, i) => [
      asks,
      says({ article: 'a', title: `${i}` }),
    ]);
    const { answered } = happen(opened, ...turns.flat(), asks, says({ article: 'hello' }));
    expect(answered).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
  });

  it('a survey is answered for this resolution and forgotten when reopened', () => {
    const asked = [opened, resolves, [ADA, { type: 'survey.sent' }]] as [Actor, EventBody][];
    const answer: [Actor, EventBody] = [ME, { type: 'survey.answered', score: 4, comment: 'ok' }];
    expect(happen(...asked).survey).toEqual({ sentAt: 3 });
    expect(happen(...asked, answer).survey).toEqual({ sentAt: 3, score: 4, comment: 'ok' });
    expect(happen(...asked, answer, reopens).survey).toBeUndefined();
  });
});
