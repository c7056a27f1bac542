/**
 * G4: a backup taken under load, more written, the backup restored: the widgets of the people who
 * were ahead drop what the server no longer holds, send again what was not acknowledged, and see
 * no gap, nothing twice and nothing of two pasts mixed. With the real server, the real tools and
 * the widget's own store.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { StoredEvent } from '#core/protocol/events.ts';
import { verifyDatabase } from '#core/store/sqlite-verify.ts';
import { connect } from '#test/support/client.ts';
import { contentOf } from '#test/support/databases.ts';
import { type Server, signUpAgent, startServer } from '#test/support/server.ts';
import { runTool } from '#test/support/tools.ts';

const EARLY = 5;
const LATE = 2;
const UNACKED_MAX = 3;

type Person = { name: string; store: Store; written: string[]; mistakes: Set<string> };
/** The part of the widget's store that is used here; its own types need those of a page. */
type Store = {
  model: {
    status: string;
    conversationId?: string;
    conversation?: { events: StoredEvent[] };
    pending: readonly { command: { type: string; text?: string } }[];
  };
  start(): Promise<void>;
  subscribe(listener: () => void): void;
  send(text: string): boolean;
  forget(): void;
};
let WidgetStore: new (language: 'de' | 'en') => Store;
beforeAll(async () => {
  const file: string = '../../web/widget/state/store.ts';
  WidgetStore = (await import(/* @vite-ignore */ file)).Store;
});

type Row = Record<string, string | number>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the widget's store asks of a page; the network is the real one. */
function standInPage(url: string): void {
  const listened = { addEventListener: () => {}, removeEventListener: () => {} };
  const document = { ...listened, visibilityState: 'visible' };
  const fetchOfPage = (path: string, init?: RequestInit) => fetchOfNode(new URL(path, url), init);
  const fetchOfNode = globalThis.fetch;
  Object.assign(globalThis, { ...listened, document, location: { href: url }, fetch: fetchOfPage });
}

async function arrive(name: string): Promise<Person> {
  const store = new WidgetStore('de');
  const person: Person = { name, store, written: [], mistakes: new Set() };
  store.subscribe(() => look(person));
  await store.start();
  return person;
}

/** At every change of what is shown: no gap (G3) and nothing twice (G2). */
function look({ store, mistakes }: Person): void {
  const events = store.model.conversation?.events ?? [];
  if (events.some(({ seq }, i) => seq !== i + 1)) mistakes.add('a gap');
  const cids = events.flatMap(({ cid }) => cid ?? []);
  if (new Set(cids).size < cids.length) mistakes.add('an event twice');
  const texts = shownBy(store);
  if (new Set(texts).size < texts.length) mistakes.add('a message twice');
}

const shownBy = (store: Store): string[] =>
  (store.model.conversation?.events ?? []).flatMap(({ by, body }) =>
    by.kind === 'contact' && body.type === 'message.sent' ? [body.text] : [],
  );

const pendingOf = (store: Store): string[] =>
  store.model.pending.flatMap(({ command }) =>
    command.type === 'message.send' ? (command.text ?? []) : [],
  );

async function write(person: Person, until: () => boolean): Promise<void> {
  while (!until()) {
    if (person.store.model.pending.length < UNACKED_MAX) {
      const text = `${person.name} schreibt ${person.written.length}`;
      person.written.push(text);
      person.store.send(text);
    }
    await pause(4);
  }
}

async function isSettled({ store }: Person, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  const isDone = () =>
    store.model.status === 'live' && store.model.pending.length === 0 && shownBy(store).length > 0;
  while (!isDone()) {
    if (Date.now() > end) throw new Error(`not settled: ${JSON.stringify(store.model.pending)}`);
    await pause(20);
  }
}

const storedTexts = (file: string): Set<string> =>
  new Set(
    ((contentOf(file)['events'] ?? []) as Row[])
      .filter(({ sender }) => String(sender).startsWith('contact:'))
      .map(({ body }) => JSON.parse(String(body)).text)
      .filter((text) => text !== undefined),
  );
/** Enough to tell an event of one past from an event of another. */
const keyOf = ({ seq, at, body }: Pick<StoredEvent, 'seq' | 'at' | 'body'>): string =>
  `${seq} ${at} ${body.type} ${'text' in body ? body.text : ''}`;

const storedEvents = (file: string, conversation: string | undefined): string[] =>
  ((contentOf(file)['events'] ?? []) as Row[])
    .filter((row) => row['conversation'] === conversation)
    .sort((a, b) => Number(a['seq']) - Number(b['seq']))
    .map(({ seq, at, body }) =>
      keyOf({ seq: Number(seq), at: Number(at), body: JSON.parse(String(body)) }),
    );

/** An agent writes until the conversation is longer than what the person's widget knows. */
async function overtake(
  server: Server,
  { email, password }: { email: string; password: string },
  person: Person | undefined,
): Promise<void> {
  const { conversationId: conversation = '', conversation: known } = person?.store.model ?? {};
  const signedIn = await fetch(`${server.url}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const agent = await connect(server.url, { as: 'agent' }, { cookie });
  await agent.command({ type: 'conversation.take', conversation });
  for (let seq = 0; seq <= (known?.events.length ?? 0); ) {
    const text = `Anna schreibt ${seq}`;
    const answer = await agent.command({ type: 'message.send', conversation, text });
    if (answer.t !== 'ack') throw new Error(`refused: ${answer.code}`);
    seq = answer.seq;
  }
  agent.close();
}

const epochOf = (file: string): unknown =>
  (contentOf(file)['settings'] as Row[]).find(({ key }) => key === 'epoch')?.['value'];

it('a restore under load: what was acknowledged before the backup stays, what was not is resent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tresen-restore-'));
  const dataDir = join(folder, 'data');
  const copy = join(folder, 'copy.db');
  const file = join(dataDir, 'tresen.db');
  const options = { dataDir, env: { TRESEN_RATE_LIMITS: 'off' }, untilBot: false };
  let server: Server = await startServer(options);
  const port = Number(new URL(server.url).port);
  standInPage(server.url);
  const anna = await signUpAgent(server);

  let isOver = false;
  const early = await Promise.all(Array.from({ length: EARLY }, (_, i) => arrive(`Früh ${i}`)));
  const writing = early.map((person) => write(person, () => isOver));
  await pause(500);
  const backup = await runTool('backup', [copy], { dataDir });
  expect(backup).toMatchObject({ status: 0, stderr: '' });
  const atBackup = early.map(({ written }) => written.length);
  const late = await Promise.all(Array.from({ length: LATE }, (_, i) => arrive(`Spät ${i}`)));
  writing.push(...late.map((person) => write(person, () => isOver)));
  await pause(500);
  const tooEarly = await runTool('restore', [copy], { dataDir });
  expect(tooEarly.status).toBe(2);
  expect(tooEarly.stderr).toMatch(/Another Tresen already works on/);
  await server.kill9();
  isOver = true;
  await Promise.all(writing);

  const people = [...early, ...late];
  const held = storedTexts(copy);
  const pending = people.map(({ store }) => pendingOf(store));
  const lost = people.flatMap(({ written }, i) =>
    written.filter((text) => !held.has(text) && !pending[i]?.includes(text)),
  );
  // The case is there: people wrote before, while and after the copy, and some had no answer yet.
  expect(held.size).toBeGreaterThan(EARLY * 5);
  expect(lost.length).toBeGreaterThan(EARLY * 5);
  expect(pending.flat().length).toBeGreaterThan(0);
  expect(early.map(({ written }, i) => written.length > (atBackup[i] ?? 0))).not.toContain(false);

  expect(await runTool('restore', [copy], { dataDir })).toMatchObject({ status: 0, stderr: '' });
  expect(epochOf(file)).not.toBe(epochOf(copy));
  // Somewhere else first: one conversation overtakes its widget before that is back.
  server = await startServer(options);
  const stale = await fetch(`${server.url}/api/me`, { headers: { cookie: anna.cookie } });
  expect(stale.status).toBe(401);
  await overtake(server, anna, early[0]);
  await server.stop();
  server = await startServer({ ...options, port });
  await Promise.all(people.map((person) => isSettled(person)));
  for (const [i, person] of people.entries()) {
    const expected = person.written.filter((text) => held.has(text) || pending[i]?.includes(text));
    expect(shownBy(person.store)).toEqual(expected);
    person.store.send(`${person.name} geht`);
    expected.push(`${person.name} geht`);
    await isSettled(person);
    expect([...person.mistakes]).toEqual([]);
    expect(shownBy(person.store)).toEqual(expected);
  }
  await server.stop();
  expect(verifyDatabase(file).problems).toEqual([]);
  // What people see is the beginning of what the server holds, event by event: one past only.
  for (const { store } of people) {
    const shown = (store.model.conversation?.events ?? []).map(keyOf);
    const stored = storedEvents(file, store.model.conversationId);
    expect(shown).toEqual(stored.slice(0, shown.length));
    expect(stored.length - shown.length).toBeLessThan(5);
    store.forget();
  }
  rmSync(folder, { recursive: true, force: true });
}, 120_000);
