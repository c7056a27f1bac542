/**
 * I9: old widgets keep working. The golden frames of protocol version 1 lie in `test/fixtures/`;
 * a change that they do not survive needs a new protocol version, not a new fixture.
 * Server frames are typed here and stored there: the compiler and the fixture must agree.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import type { BotMark, EventBody, EventType, StoredEvent } from '#core/protocol/events.ts';
import {
  type AgentFrame,
  type ClientFrame,
  type ContactFrame,
  PROTOCOL_VERSION,
  parseAgentFrame,
  parseContactFrame,
  RESUME_MAX,
  type ServerFrame,
} from '#core/protocol/frames.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/frames/${name}`, import.meta.url), 'utf8'));

type Golden = { name: string; sent: ClientFrame; parsed: unknown };
const contactFrames = fixture('contact-v1.json') as Golden[];
const agentFrames = fixture('agent-v1.json') as Golden[];

const C = '01890000-0000-7000-8000-000000000001';
const ID = '01890000-0000-7000-8000-000000000002';
const CONTACT = '01890000-0000-7000-8000-000000000003';
const AGENT = '01890000-0000-7000-8000-000000000004';
const AT = 1_700_000_000_000;

describe('golden client frames (I9)', () => {
  it('belong to the version that is spoken', () => {
    expect(PROTOCOL_VERSION).toBe(1);
  });

  it.each(contactFrames)('contact: $name', ({ sent, parsed }) => {
    expect(parseContactFrame(JSON.stringify(sent))).toStrictEqual({ ok: true, frame: parsed });
  });

  it.each(agentFrames)('agent: $name', ({ sent, parsed }) => {
    expect(parseAgentFrame(JSON.stringify(sent))).toStrictEqual({ ok: true, frame: parsed });
  });

  it('cover every frame and every command; a new one must be added here and there', () => {
    const forContacts: Record<ContactFrame['t'] | ContactCommand['type'], true> = {
      hello: true,
      ping: true,
      signal: true,
      command: true,
      'conversation.open': true,
      'message.send': true,
      'article.choose': true,
      'human.request': true,
      'survey.answer': true,
    };
    const forAgents: Record<AgentFrame['t'] | AgentCommand['type'], true> = {
      hello: true,
      ping: true,
      signal: true,
      command: true,
      watch: true,
      unwatch: true,
      availability: true,
      'message.send': true,
      'note.add': true,
      'conversation.take': true,
      'conversation.release': true,
      'conversation.resolve': true,
    };
    expect(words(contactFrames)).toEqual(new Set(Object.keys(forContacts)));
    expect(words(agentFrames)).toEqual(new Set(Object.keys(forAgents)));
  });

  it("contacts cannot say what only agents may, nor agents a contact's commands", () => {
    const own = words(contactFrames);
    const others = agentFrames.filter(({ sent }) => !own.has(word(sent)));
    expect(others.length).toBeGreaterThan(5);
    for (const { sent } of others) {
      expect(parseContactFrame(JSON.stringify(sent))).toMatchObject({
        ok: false,
        code: sent.t === 'command' ? 'command_unknown' : 'frame_unknown',
      });
    }
    for (const { sent } of contactFrames.filter(({ sent }) => !words(agentFrames).has(word(sent))))
      expect(parseAgentFrame(JSON.stringify(sent))).toMatchObject({ code: 'command_unknown' });
  });

  it(`resumes ${RESUME_MAX} conversations at once and not one more`, () => {
    const hello = (count: number): string => {
      const ids = Array.from({ length: count }, (_, i) => C.slice(0, -3) + String(100 + i));
      const resume = Object.fromEntries(ids.map((id, i) => [id, i]));
      return JSON.stringify({ t: 'hello', protocol: 1, as: 'contact', resume });
    };
    expect(parseContactFrame(hello(RESUME_MAX))).toMatchObject({ ok: true });
    expect(parseContactFrame(hello(RESUME_MAX + 1))).toEqual({
      ok: false,
      code: 'frame_malformed',
      detail: 'resume',
    });
  });
});

const word = (frame: ClientFrame): string => (frame.t === 'command' ? frame.command.type : frame.t);
const words = (golden: Golden[]): Set<string> =>
  new Set(golden.flatMap(({ sent }) => [sent.t, word(sent)]));

type BodyOf<T extends EventType> = Extract<EventBody, { type: T }>;
type Happened<T extends EventType> = { by: StoredEvent['by']; body: BodyOf<T>; cid?: string };
const me = { kind: 'contact', id: CONTACT } as const;
const bot = { kind: 'bot' } as const;
const ada = { kind: 'agent', id: AGENT, name: 'Ada' } as const;

/** Every type of event once, in the order of the fixture. */
const EVENTS: { [T in EventType]: Happened<T> } = {
  'conversation.opened': {
    by: me,
    cid: ID,
    body: {
      type: 'conversation.opened',
      contact: CONTACT,
      channel: 'web-chat',
      language: 'de',
      page: 'https://shop.example/',
    },
  },
  'message.sent': {
    by: bot,
    body: {
      type: 'message.sent',
      text: 'Meinen Sie eines davon?',
      bot: {
        ai: true,
        article: 'return-how',
        title: 'Wie sende ich etwas zurück?',
        confidence: 0.912,
      },
      choices: [
        { kind: 'article', article: 'return-how', label: 'Wie sende ich etwas zurück?' },
        { kind: 'human', label: 'Mit einem Menschen sprechen' },
      ],
    },
  },
  'handover.requested': {
    by: bot,
    body: {
      type: 'handover.requested',
      reason: 'requested',
      queue: 'service',
      card: { wish: 'Mensch', answered: ['Rückgabe'], considered: ['Umtausch'] },
    },
  },
  hidden: { by: { kind: 'system' }, body: { type: 'hidden' } },
  'conversation.assigned': {
    by: ada,
    body: { type: 'conversation.assigned', agent: { id: AGENT, name: 'Ada' } },
  },
  'note.added': { by: ada, body: { type: 'note.added', text: 'Lieferant angerufen.' } },
  'conversation.released': {
    by: ada,
    body: { type: 'conversation.released', to: 'queue', queue: 'service' },
  },
  'conversation.resolved': { by: ada, body: { type: 'conversation.resolved' } },
  'survey.sent': { by: ada, body: { type: 'survey.sent' } },
  'survey.answered': { by: me, body: { type: 'survey.answered', score: 4, comment: 'Gut.' } },
  'conversation.reopened': { by: me, body: { type: 'conversation.reopened' } },
};

const ROW: Required<ConversationState> = {
  id: C,
  seq: 3,
  status: 'open',
  owner: { kind: 'queue', queue: 'service' },
  contact: CONTACT,
  language: 'de',
  openedAt: AT,
  updatedAt: AT + 2,
  waitingSince: AT + 1,
  contactSeq: 2,
  answeredSeq: 2,
  failures: 0,
  handover: {
    reason: 'distress',
    card: { wish: 'Hilfe', answered: [], considered: [] },
    at: AT + 2,
  },
  answered: ['Rückgabe'],
  said: 'Hilfe',
  preview: { by: 'contact', text: 'Hilfe' },
  survey: { sentAt: AT, score: 3, comment: 'Na ja.' },
};

const WELCOME = {
  t: 'welcome',
  protocol: 1,
  epoch: 'epoch-1',
  now: AT,
  heartbeatMs: 20_000,
  agentsOnline: 2,
} as const;

/** An old widget reads these: nothing in here may go, change its kind or its name. */
const SERVER_FRAMES = {
  'welcome of a contact': {
    ...WELCOME,
    contact: { id: CONTACT, token: 'a-secret' },
    conversations: [C],
  },
  'welcome of an agent': {
    ...WELCOME,
    agent: { id: AGENT, name: 'Ada', availability: 'online' },
    conversations: [],
  },
  ack: { t: 'ack', id: ID, conversation: C, seq: 2, at: AT },
  'refusal of a command': {
    t: 'refusal',
    id: ID,
    code: 'rate_limited',
    detail: 'slow down',
    retryAfterMs: 200,
  },
  'refusal of a frame': { t: 'refusal', code: 'frame_malformed' },
  events: {
    t: 'events',
    conversation: C,
    events: Object.values(EVENTS).map((happened, i) => ({
      conversation: C,
      seq: i + 1,
      at: AT + i,
      ...happened,
    })),
  },
  reset: { t: 'reset', conversation: C },
  list: { t: 'list', rows: [ROW] },
  row: { t: 'row', row: ROW },
  typing: { t: 'signal', signal: { type: 'typing', conversation: C, by: 'agent', name: 'Ada' } },
  presence: { t: 'signal', signal: { type: 'presence', agentsOnline: 1 } },
  pong: { t: 'pong' },
} satisfies Record<string, ServerFrame>;

describe('golden server frames (I9)', () => {
  const golden = fixture('server-v1.json') as Record<string, unknown>;

  it.each(Object.entries(SERVER_FRAMES))('%s is written as it always was', (name, frame) => {
    expect(JSON.parse(JSON.stringify(frame))).toStrictEqual(golden[name]);
  });

  it('cover every frame of the server', () => {
    const known: Record<ServerFrame['t'], true> = {
      welcome: true,
      ack: true,
      refusal: true,
      events: true,
      reset: true,
      list: true,
      row: true,
      signal: true,
      pong: true,
    };
    const stored = Object.values(golden).map((frame) => (frame as ServerFrame).t);
    expect(new Set(stored)).toEqual(new Set(Object.keys(known)));
    expect(Object.keys(golden).sort()).toEqual(Object.keys(SERVER_FRAMES).sort());
  });
});

/** What must not compile: shapes that nobody may build by accident. */
it('wrong server frames do not compile', () => {
  const wrong: ServerFrame[] = [
    // @ts-expect-error an ack without its seq
    { t: 'ack', id: ID, conversation: C, at: AT },
    // @ts-expect-error a refusal with a code that is not in the catalogue
    { t: 'refusal', code: 'no_such_code' },
  ];
  // @ts-expect-error I10: the mark of the bot cannot say that it is no AI
  const mark: BotMark = { ai: false };
  expect([...wrong, mark]).toHaveLength(3);
});
