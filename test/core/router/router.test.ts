/**
 * Router, lanes and bot turns over the real store, with time and inference in the test's hands:
 * order (I3), effectively once (G2), ownership at the moment of sending (I4), acks before the bot.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { BOT_TURN_MAX_MS, BOT_TURNS_AT_ONCE, LANE_QUEUE_MAX } from '#core/platform/limits.ts';
import { apply, emptyState } from '#core/protocol/apply.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import { type Core, createCore, newContact, newId } from '#test/support/core.ts';

let core: Core;
afterEach(() => core.close());

const SCRIPT = {
  'Wo ist mein Paket?': [{ intent: 'tracking', confidence: 0.95 }],
  'Noch eine Frage': [{ intent: 'delivery-time', confidence: 0.9 }],
  Mensch: [{ intent: 'human', confidence: 0.9 }],
};

async function openConversation(contact = newContact()) {
  const conversation = newId();
  const open = { type: 'conversation.open', conversation, language: 'de' } as const;
  await core.router.fromContact(contact, newId(), open);
  const say = (text: string, cid = newId()) =>
    core.router.fromContact(contact, cid, { type: 'message.send', conversation, text });
  return { contact, conversation, say };
}
const types = (conversation: string): string[] =>
  core.store.conversations
    .eventsAfter(conversation, 0, 1_000)
    .map((event) => `${event.by.kind} ${event.body.type}`);
const anna = { id: 'agent-anna', name: 'Anna' };
const ben = { id: 'agent-ben', name: 'Ben' };

describe('a contact writes', () => {
  it('R1: is acknowledged while the model still thinks, and answered when it is done', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    const ack = await say('Wo ist mein Paket?');
    expect(ack).toMatchObject({ conversation, seq: 3 });
    await core.until(() => core.inference.held.length === 1, 'the bot hears');
    expect(types(conversation)).toHaveLength(3);
    core.inference.held[0]?.finish();
    await core.until(() => types(conversation).length === 4, 'the answer');
    expect(types(conversation).at(-1)).toBe('bot message.sent');
  });

  it('I1: nothing is shown that is not stored', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => core.shown.length === 4, 'the answer is shown');
    const stored = core.store.conversations.eventsAfter(conversation, 0, 100);
    expect(core.shown.map((event) => event.seq)).toEqual(stored.map((event) => event.seq));
  });

  it('G2: the same command again gets the first ack, other words under its cid a refusal', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation, say } = await openConversation();
    const cid = newId();
    const first = await say('Wo ist mein Paket?', cid);
    await core.until(() => types(conversation).length === 4);
    expect(await say('Wo ist mein Paket?', cid)).toEqual(first);
    expect(await say('Etwas anderes', cid)).toEqual({ refused: 'cid_conflict' });
    expect(types(conversation)).toHaveLength(4);
  });

  it('G2: asking for a person twice under one cid hands over once, also after a resolve', async () => {
    core = await createCore({ script: SCRIPT });
    const { contact, conversation } = await openConversation();
    const cid = newId();
    const ask = () =>
      core.router.fromContact(contact, cid, { type: 'human.request', conversation });
    const first = await ask();
    await core.router.fromAgent(anna, newId(), { type: 'conversation.take', conversation });
    await core.router.fromAgent(anna, newId(), { type: 'conversation.resolve', conversation });
    expect(await ask()).toEqual(first);
    expect(types(conversation).filter((t) => t.endsWith('handover.requested'))).toHaveLength(1);
  });

  it('cannot touch the conversation of another contact, nor learn that it exists', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation } = await openConversation();
    const stranger = newContact();
    const send = { type: 'message.send', conversation, text: 'hallo' } as const;
    expect(await core.router.fromContact(stranger, newId(), send)).toEqual({
      refused: 'not_found',
    });
    const missing = { ...send, conversation: newId() };
    expect(await core.router.fromContact(stranger, newId(), missing)).toEqual({
      refused: 'not_found',
    });
  });

  it('R2: a choice and its answer are one commit', async () => {
    core = await createCore();
    const { contact, conversation } = await openConversation();
    await core.router.fromContact(contact, newId(), {
      type: 'article.choose',
      conversation,
      article: 'tracking',
    });
    expect(types(conversation).slice(2)).toEqual(['contact message.sent', 'bot message.sent']);
  });
});

describe('the bot', () => {
  it('I4: says nothing once a person has the conversation; the late reply is counted', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => core.inference.held.length === 1);
    await core.router.fromAgent(anna, newId(), { type: 'conversation.take', conversation });
    core.inference.held[0]?.finish();
    await core.until(() => true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(types(conversation).at(-1)).toBe('agent conversation.assigned');
    const dropped = await core.metrics.botDropped.get();
    expect(dropped.values).toMatchObject([{ value: 1, labels: { reason: 'owner_changed' } }]);
  });

  it('joins what the contact wrote meanwhile into one turn', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    await say('Hallo');
    await core.until(() => core.inference.held.length === 1);
    await say('Wo ist mein Paket?');
    core.inference.held[0]?.finish();
    await core.until(() => core.inference.held.length === 2, 'the second turn');
    expect(core.inference.heard[1]?.text).toBe('Hallo\nWo ist mein Paket?');
    core.inference.held[1]?.finish();
    await core.until(() => types(conversation).length === 5);
    expect(types(conversation).filter((t) => t === 'bot message.sent')).toHaveLength(2);
  });

  it('hears the turn before, for follow-ups', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => types(conversation).length === 4);
    await say('Noch eine Frage');
    await core.until(() => types(conversation).length === 6);
    expect(core.inference.heard.at(-1)).toEqual({
      text: 'Noch eine Frage',
      before: 'Wo ist mein Paket?',
    });
  });

  it('shows that it is at work when it takes longer', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => core.inference.held.length === 1);
    expect(core.typing).toEqual([]);
    core.clock.advance(100);
    expect(core.typing).toEqual([conversation]);
    core.inference.held[0]?.finish();
    await core.until(() => types(conversation).length === 4);
  });

  it.each(['takes too long', 'fails'])(
    'gives the conversation to people when it %s',
    async (how) => {
      core = await createCore({ script: SCRIPT, held: true });
      const { conversation, say } = await openConversation();
      await say('Wo ist mein Paket?');
      await core.until(() => core.inference.held.length === 1);
      if (how === 'fails') core.inference.held[0]?.fail(new Error('broken'));
      else core.clock.advance(BOT_TURN_MAX_MS);
      await core.until(() => core.lanes.state(conversation)?.seq === 5, 'the hand-over');
      const state = core.lanes.state(conversation);
      expect(state?.handover?.reason).toBe('bot_unavailable');
      expect(state?.handover?.card.wish).toBe('Wo ist mein Paket?');
      expect(state?.waitingSince).toBeDefined();
    },
  );

  it('takes the turn it owed when the process ended', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => core.inference.held.length === 1);
    const { dataDir } = core;
    await core.close(true);
    core = await createCore({ script: SCRIPT, dataDir });
    core.turns.resume();
    await core.until(() => types(conversation).length === 4, 'the late answer');
    expect(core.store.conversations.botDue()).toEqual([]);
  });
});

describe('many and last turns', () => {
  it('a burst waits for its turn and is answered, none of it is handed over', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const people = await Promise.all(Array.from({ length: 150 }, () => openConversation()));
    await Promise.all(people.map(({ say }) => say('Wo ist mein Paket?')));
    await core.until(() => core.inference.held.length >= BOT_TURNS_AT_ONCE, 'the first are heard');
    expect(core.inference.held).toHaveLength(BOT_TURNS_AT_ONCE);
    core.clock.advance(BOT_TURN_MAX_MS - 1);
    for (let i = 0; i < people.length; i++) {
      await core.until(() => core.inference.held.length > i, `turn ${i}`);
      core.inference.held[i]?.finish();
    }
    const isAnswered = ({ conversation }: (typeof people)[number]) =>
      core.lanes.state(conversation)?.answered.length === 1;
    await core.until(() => people.every(isAnswered), 'all are answered');
  });

  it('a stop hands nothing over: the message stays due, the next start answers it', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => core.inference.held.length === 1);
    core.turns.stop();
    core.inference.held[0]?.fail(new Error('the pool was closed'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(types(conversation)).toHaveLength(3);
    expect(core.store.conversations.botDue()).toEqual([conversation]);
  });

  it('hears the newest question, however much was said since its last answer', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation, say } = await openConversation();
    const take = { type: 'conversation.take', conversation } as const;
    await core.router.fromAgent(anna, newId(), take);
    for (let i = 0; i < 30; i++) {
      const note = { type: 'note.add', conversation, text: `Notiz ${i}` } as const;
      await core.router.fromAgent(anna, newId(), note);
    }
    await core.router.fromAgent(anna, newId(), { type: 'conversation.resolve', conversation });
    await say('Wo ist mein Paket?');
    await core.until(() => core.inference.heard.length === 1);
    expect(core.inference.heard[0]?.text).toBe('Wo ist mein Paket?');
  });

  it('hears the newest words, however long the message before them was', async () => {
    core = await createCore({ script: SCRIPT });
    const { conversation, say } = await openConversation();
    const take = { type: 'conversation.take', conversation } as const;
    await core.router.fromAgent(anna, newId(), take);
    await Promise.all([say('x'.repeat(3_000)), say('Wo ist mein'), say('Paket?')]);
    const release = { type: 'conversation.release', conversation, to: 'bot' } as const;
    await core.router.fromAgent(anna, newId(), release);
    await core.until(() => core.inference.heard.length === 1);
    expect(core.inference.heard[0]?.text).toBe('Wo ist mein\nPaket?');
  });

  it('given back to the bot with a question open, the bot answers it', async () => {
    core = await createCore({ script: SCRIPT });
    const { contact, conversation, say } = await openConversation();
    await core.router.fromContact(contact, newId(), { type: 'human.request', conversation });
    await say('Wo ist mein Paket?');
    await core.router.fromAgent(anna, newId(), { type: 'conversation.take', conversation });
    const release = { type: 'conversation.release', conversation, to: 'bot' } as const;
    await core.router.fromAgent(anna, newId(), release);
    await core.until(() => core.lanes.state(conversation)?.answered.length === 1, 'the answer');
  });
});

describe('R3: a contact can always reach a person', () => {
  it.each([0, 3])('with %i agents online', async (agentsOnline) => {
    core = await createCore({ agentsOnline });
    const { contact, conversation } = await openConversation();
    const ask = { type: 'human.request', conversation } as const;
    expect(isRefusal(await core.router.fromContact(contact, newId(), ask))).toBe(false);
    expect(core.lanes.state(conversation)?.owner).toEqual({ kind: 'queue', queue: 'service' });
    const [told] = core.shown.slice(-1);
    expect(told?.body).toMatchObject({ type: 'message.sent', bot: { ai: true } });
    const text = told?.body.type === 'message.sent' ? told.body.text : '';
    expect(text.includes('niemand da')).toBe(agentsOnline === 0);
  });

  it('also after the conversation was resolved', async () => {
    core = await createCore();
    const { contact, conversation } = await openConversation();
    await core.router.fromAgent(anna, newId(), { type: 'conversation.take', conversation });
    await core.router.fromAgent(anna, newId(), { type: 'conversation.resolve', conversation });
    await core.router.fromContact(contact, newId(), { type: 'human.request', conversation });
    expect(core.lanes.state(conversation)).toMatchObject({
      status: 'open',
      owner: { kind: 'queue' },
    });
  });
});

describe('agents', () => {
  it('of two who take at the same moment one gets it, the other is told who', async () => {
    core = await createCore();
    const { conversation } = await openConversation();
    const take = { type: 'conversation.take', conversation } as const;
    const [first, second] = await Promise.all([
      core.router.fromAgent(anna, newId(), take),
      core.router.fromAgent(ben, newId(), take),
    ]);
    expect(isRefusal(first)).toBe(false);
    expect(second).toEqual({ refused: 'conversation_already_taken', detail: 'Anna' });
  });

  it('take over from a colleague who is no longer there', async () => {
    core = await createCore();
    const { conversation } = await openConversation();
    const take = { type: 'conversation.take', conversation } as const;
    await core.router.fromAgent(anna, newId(), take);
    core.there.delete(anna.id);
    expect(isRefusal(await core.router.fromAgent(ben, newId(), take))).toBe(false);
    expect(core.lanes.state(conversation)?.owner).toMatchObject({ id: ben.id });
  });

  it('write only into what is theirs', async () => {
    core = await createCore();
    const { conversation } = await openConversation();
    const text = { type: 'message.send', conversation, text: 'Guten Tag' } as const;
    expect(await core.router.fromAgent(anna, newId(), text)).toEqual({
      refused: 'conversation_not_yours',
    });
  });
});

describe('lanes', () => {
  it('I3: keep the order of one conversation and do not hold up others', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const a = await openConversation();
    const b = await openConversation();
    const texts = Array.from({ length: 20 }, (_, i) => `Nachricht ${i}`);
    const acks = await Promise.all([...texts.map((text) => a.say(text)), b.say('Hallo')]);
    expect(acks.some(isRefusal)).toBe(false);
    const stored = core.store.conversations
      .eventsAfter(a.conversation, 2, 100)
      .flatMap(({ body }) => (body.type === 'message.sent' ? [body.text] : []));
    expect(stored).toEqual(texts);
  });

  it('I6: refuse what one person cannot have typed, and keep what was accepted', async () => {
    core = await createCore({ script: SCRIPT, held: true });
    const { conversation, say } = await openConversation();
    const flood = Array.from({ length: LANE_QUEUE_MAX + 10 }, (_, i) => say(`Nachricht ${i}`));
    const outcomes = await Promise.all(flood);
    const accepted = outcomes.filter((outcome) => !isRefusal(outcome)).length;
    expect(outcomes.filter(isRefusal).every((o) => o.refused === 'busy')).toBe(true);
    expect(accepted).toBe(LANE_QUEUE_MAX);
    const stored = types(conversation).filter((t) => t === 'contact message.sent');
    expect(stored).toHaveLength(accepted);
  });

  it('I2, G4: the stored state is the fold of the stored events, after every commit', async () => {
    core = await createCore({ script: SCRIPT });
    const { contact, conversation, say } = await openConversation();
    await say('Wo ist mein Paket?');
    await core.until(() => types(conversation).length === 4);
    await core.router.fromContact(contact, newId(), { type: 'human.request', conversation });
    await core.router.fromAgent(anna, newId(), { type: 'conversation.take', conversation });
    await core.router.fromAgent(anna, newId(), { type: 'note.add', conversation, text: 'intern' });
    await core.router.fromAgent(anna, newId(), { type: 'conversation.resolve', conversation });
    const answer = { type: 'survey.answer', conversation, score: 5 } as const;
    await core.router.fromContact(contact, newId(), answer);
    const events = core.store.conversations.eventsAfter(conversation, 0, 100);
    const folded = events.reduce(apply, emptyState(conversation));
    expect(core.store.conversations.state(conversation)).toEqual(
      JSON.parse(JSON.stringify(folded)),
    );
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  });
});
