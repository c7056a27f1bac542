/**
 * The bot's policy as conversations in YAML (test/transcripts): utterances in; articles, choices,
 * hand-overs and cards out. Through the real router and store; only the inference is scripted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WORDS } from '#core/bot/words.ts';
import type { Language } from '#core/protocol/entities.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { type Core, createCore, newContact, newId } from '#test/support/core.ts';

type Expected =
  | 'silent'
  | { article?: string; source?: boolean; says?: string; choices?: string[]; handover?: string };
type Turn = {
  contact?: string;
  choose?: string;
  understood?: [intent: string, confidence: number][];
  as?: Language;
  bot: Expected;
  card?: { wish?: string; answered?: string[]; considered?: string[] };
};
type Transcript = { name: string; language?: Language; agentsOnline?: number; turns: Turn[] };

const folder = join(import.meta.dirname, '../../transcripts');
let core: Core;
let isOpen = false;
afterEach(async () => {
  if (isOpen) await core.close();
  isOpen = false;
});

async function start(options: Parameters<typeof createCore>[0]): Promise<void> {
  core = await createCore(options);
  isOpen = true;
}

describe.each(readdirSync(folder))('%s', (file) => {
  const transcripts = parse(readFileSync(join(folder, file), 'utf8')) as Transcript[];
  it.each(transcripts)('$name', async (transcript) => {
    const { language = 'de', agentsOnline = 1, turns } = transcript;
    await start({ agentsOnline, script: scriptOf(turns) });
    for (const turn of turns) {
      if (turn.as && turn.contact) core.inference.speak(turn.contact, turn.as);
    }
    const contact = newContact(language);
    const conversation = newId();
    const open = { type: 'conversation.open', conversation, language } as const;
    await core.router.fromContact(contact, newId(), open);
    for (const turn of turns) {
      const before = core.shown.length;
      await core.router.fromContact(contact, newId(), commandOf(turn, conversation));
      const isSilent = turn.bot === 'silent';
      if (isSilent) await new Promise((resolve) => setTimeout(resolve, 30));
      else await core.until(() => repliesAfter(core.shown, before).length > 0, turn.contact);
      check(turn, repliesAfter(core.shown, before), conversation);
    }
  });
});

function scriptOf(turns: Turn[]) {
  return Object.fromEntries(
    turns.map(({ contact = '', understood = [] }) => [
      contact,
      understood.map(([intent, confidence]) => ({ intent, confidence })),
    ]),
  );
}

const commandOf = ({ contact, choose }: Turn, conversation: string) =>
  choose === undefined
    ? ({ type: 'message.send', conversation, text: contact ?? '' } as const)
    : ({ type: 'article.choose', conversation, article: choose } as const);

const repliesAfter = (shown: StoredEvent[], before: number): StoredEvent[] =>
  shown.slice(before).filter(({ by, body }) => by.kind === 'bot' && body.type === 'message.sent');

function check(turn: Turn, replies: StoredEvent[], conversation: string): void {
  if (turn.bot === 'silent') return expect(replies).toEqual([]);
  const { article, source, says, choices, handover } = turn.bot;
  expect(replies).toHaveLength(1);
  const body = replies[0]?.body;
  if (body?.type !== 'message.sent') throw new Error('no message');
  // I10: whatever the bot says is marked.
  expect(body.bot?.ai).toBe(true);
  expect(body.bot?.article).toBe(article);
  if (source !== undefined) expect(body.bot?.title !== undefined).toBe(source);
  if (says !== undefined) expect(body.text).toContain(says);
  if (choices) {
    expect(body.choices?.map((c) => (c.kind === 'human' ? 'human' : c.article))).toEqual(choices);
  }
  const state = core.lanes.state(conversation);
  expect(state?.owner.kind).toBe(handover ? 'queue' : 'bot');
  if (handover) expect(state?.handover?.reason).toBe(handover);
  const { considered, ...card } = turn.card ?? {};
  expect(state?.handover?.card ?? {}).toMatchObject(card);
  const titles = considered?.map((id) => core.article(id)?.de.title);
  if (titles) expect(state?.handover?.card.considered).toEqual(titles);
}

describe('the greeting', () => {
  it.each(['de', 'en'] as const)(
    'I10: says in %s that it is an AI, before anything else',
    async (language) => {
      await start({});
      const conversation = newId();
      const open = { type: 'conversation.open', conversation, language } as const;
      await core.router.fromContact(newContact(language), newId(), open);
      const [, greeting] = core.shown;
      expect(greeting?.body).toMatchObject({ type: 'message.sent', bot: { ai: true } });
      const text = greeting?.body.type === 'message.sent' ? greeting.body.text : '';
      expect(text).toContain(language === 'de' ? 'KI-Assistent' : 'AI assistant');
      expect(text).toContain('Muster-Shop');
    },
  );

  it('has every sentence in both languages', () => {
    expect(Object.keys(WORDS.en)).toEqual(Object.keys(WORDS.de));
  });
});
