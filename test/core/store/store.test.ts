/**
 * The store's contract, over SQLite on disk: what was committed is there, what does not follow on
 * is refused whole, and nobody else may open the folder.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#core/platform/clock.ts';
import { createMetrics } from '#core/platform/metrics.ts';
import { systemRandom } from '#core/platform/random.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import type { Commit } from '#core/store/conversations.ts';
import { assertSafeSqlite, databaseFile } from '#core/store/sqlite.ts';
import { openStore, type Store } from '#core/store/store.ts';

let dataDir: string;
let store: Store;

const open = (): Promise<Store> =>
  openStore({
    dataDir,
    clock: systemClock,
    random: systemRandom,
    metrics: createMetrics(),
    onFatal: (code) => {
      throw new Error(`the writer gave up: ${code}`);
    },
  });

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tresen-store-'));
  store = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const contact = { kind: 'contact', id: 'contact-1' } as const;
const opened: EventBody = {
  type: 'conversation.opened',
  contact: contact.id,
  channel: 'web-chat',
  language: 'de',
};

/** A commit of these bodies on top of `before`, as the lane would build it. */
function commitOf(
  before: ConversationState,
  bodies: EventBody[],
  cid?: string,
): Commit & { state: ConversationState } {
  const events = bodies.map<StoredEvent>((body, i) => ({
    conversation: before.id,
    seq: before.seq + 1 + i,
    at: 1_000 + i,
    by: contact,
    body,
    ...(cid && i === 0 ? { cid } : {}),
  }));
  const newContact = { id: contact.id, tokenHash: 'hash', language: 'de', at: 1 };
  return {
    before,
    state: events.reduce(apply, before),
    events,
    commandHash: 'fingerprint',
    ...(before.seq === 0 ? { newContact } : {}),
  };
}

describe('conversations', () => {
  it('gives back what was committed: events, state, the contact and the command', async () => {
    const unit = commitOf(emptyState('a'), [opened, { type: 'message.sent', text: 'Hallo' }], 'c1');
    expect(await store.conversations.commit(unit)).toBe('done');
    expect(store.conversations.eventsAfter('a', 0, 10)).toEqual(unit.events);
    expect(store.conversations.eventsAfter('a', 1, 10)).toEqual(unit.events.slice(1));
    expect(store.conversations.state('a')).toEqual(unit.state);
    expect(store.contacts.byTokenHash('hash')).toBe(contact.id);
    expect(store.conversations.findCommand('a', contact, 'c1')).toEqual({
      seq: 1,
      at: 1_000,
      commandHash: 'fingerprint',
    });
    expect(store.conversations.findCommand('a', contact, 'c2')).toBeUndefined();
    expect(store.conversations.ofContact(contact.id, 5)).toEqual(['a']);
  });

  it('refuses what does not follow on, and then nothing of it is stored (G3)', async () => {
    const first = commitOf(emptyState('a'), [opened]);
    await store.conversations.commit(first);
    const stale = commitOf(emptyState('a'), [opened, { type: 'message.sent', text: 'doppelt' }]);
    expect(await store.conversations.commit(stale)).toBe('conflict');
    const second = commitOf(first.state, [{ type: 'message.sent', text: 'zwei' }]);
    expect(await store.conversations.commit(second)).toBe('done');
    expect(await store.conversations.commit(second)).toBe('conflict');
    const texts = store.conversations.eventsAfter('a', 0, 10).map((event) => event.seq);
    expect(texts).toEqual([1, 2]);
  });

  it('stores one cid of one sender once, whatever the caller believes (G2)', async () => {
    const first = commitOf(emptyState('a'), [opened]);
    await store.conversations.commit(first);
    const said = commitOf(first.state, [{ type: 'message.sent', text: 'eins' }], 'c1');
    await store.conversations.commit(said);
    const again = commitOf(said.state, [{ type: 'message.sent', text: 'eins' }], 'c1');
    expect(await store.conversations.commit(again)).toBe('conflict');
    expect(store.conversations.eventsAfter('a', 0, 10)).toHaveLength(2);
    expect(store.conversations.state('a')?.seq).toBe(2);
  });

  it('does not let one poisoned write take others of its batch with it', async () => {
    const units = ['a', 'b', 'c'].map((id) => commitOf(emptyState(id), [opened], 'same'));
    const poison = commitOf(emptyState('d'), [opened, { type: 'message.sent', text: 'x' }], 'same');
    const broken = { ...poison, events: poison.events.map((event) => ({ ...event, seq: 1 })) };
    const results = await Promise.all(
      [...units, broken].map((unit) => store.conversations.commit(unit)),
    );
    expect(results).toEqual(['done', 'done', 'done', 'failed']);
    expect(store.conversations.state('d')).toBeUndefined();
    expect(store.conversations.eventsAfter('d', 0, 10)).toEqual([]);
  });

  it('lists open conversations, longest waiting first', async () => {
    const waiting = async (id: string, text: string | undefined, at: number): Promise<void> => {
      const unit = commitOf(emptyState(id), [opened]);
      await store.conversations.commit(unit);
      if (text === undefined) return;
      const message = commitOf(unit.state, [{ type: 'message.sent', text }]);
      const [event] = message.events;
      if (event === undefined) throw new Error('no event');
      const later = { ...event, at };
      const state = apply(unit.state, later);
      await store.conversations.commit({ before: unit.state, state, events: [later] });
    };
    await waiting('young', 'hallo', 5_000);
    await waiting('nobody waits', undefined, 0);
    await waiting('old', 'hallo', 2_000);
    const order = store.conversations.open(10).map((state) => state.id);
    expect(order).toEqual(['old', 'young', 'nobody waits']);
    expect(store.conversations.botDue().sort()).toEqual(['old', 'young']);
  });

  it('keeps any text as it was written', async () => {
    let state = commitOf(emptyState('a'), [opened]).state;
    await store.conversations.commit(commitOf(emptyState('a'), [opened]));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
        const unit = commitOf(state, [{ type: 'message.sent', text }]);
        expect(await store.conversations.commit(unit)).toBe('done');
        state = unit.state;
        expect(store.conversations.eventsAfter('a', state.seq - 1, 1)[0]?.body).toEqual({
          type: 'message.sent',
          text,
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('opening', () => {
  it('finds everything as it was, under the same epoch', async () => {
    const unit = commitOf(emptyState('a'), [opened]);
    await store.conversations.commit(unit);
    const { epoch } = store;
    await store.close();
    store = await open();
    expect(store.epoch).toBe(epoch);
    expect(store.conversations.state('a')).toEqual(unit.state);
  });

  it('refuses a folder that another process works on', async () => {
    // The lock is held per process; a real second process is tested in journeys/.
    const lock = new DatabaseSync(join(dataDir, 'instance.lock'));
    expect(() => lock.exec('BEGIN EXCLUSIVE')).toThrow(/locked/);
    lock.close();
  });

  it('refuses a database that is newer than the program, and leaves it untouched', async () => {
    await store.close();
    const db = new DatabaseSync(databaseFile(dataDir));
    db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version=99');
    db.close();
    const before = readFileSync(databaseFile(dataDir));
    await expect(open()).rejects.toThrow(/version 99.*nothing was changed/i);
    expect(readFileSync(databaseFile(dataDir)).equals(before)).toBe(true);
    const again = new DatabaseSync(databaseFile(dataDir));
    again.exec('PRAGMA user_version=1');
    again.close();
    store = await open();
  });

  it('keeps the data to the account it runs under', () => {
    expect(statSync(databaseFile(dataDir)).isFile()).toBe(true);
  });

  it.each(['3.7.0', '3.51.2', '2.99.99', undefined])('refuses SQLite %s', (version) => {
    expect(() => assertSafeSqlite(version)).toThrow(/npm ci/);
  });

  it.each(['3.51.3', '3.53.4', '4.0.0'])('accepts SQLite %s', (version) => {
    expect(() => assertSafeSqlite(version)).not.toThrow();
  });
});

describe('agents', () => {
  const anna = { id: 'a', name: 'Anna', email: 'anna@example.com', passwordHash: 'hash' };

  it('uses an invitation up with the agent it made, or not at all', async () => {
    await store.agents.invite('secret', 10_000, 0);
    expect(store.agents.isInvited('secret', 9_999)).toBe(true);
    expect(store.agents.isInvited('secret', 10_000)).toBe(false);
    expect(await store.agents.signUp({ tokenHash: 'wrong', now: 1 }, anna)).toBe('conflict');
    expect(store.agents.any()).toBe(false);
    expect(await store.agents.signUp({ tokenHash: 'secret', now: 1 }, anna)).toBe('done');
    expect(await store.agents.signUp({ tokenHash: 'secret', now: 1 }, anna)).toBe('conflict');
    expect(store.agents.byEmail('anna@example.com')?.name).toBe('Anna');
  });

  it('gives the invitation back when the address is taken', async () => {
    await store.agents.invite('one', 10_000, 0);
    await store.agents.signUp({ tokenHash: 'one', now: 1 }, anna);
    await store.agents.invite('two', 10_000, 0);
    const again = { ...anna, id: 'b' };
    expect(await store.agents.signUp({ tokenHash: 'two', now: 1 }, again)).toBe('conflict');
    expect(store.agents.isInvited('two', 1)).toBe(true);
  });

  it('lets only the newest link make the first agent', async () => {
    await store.agents.invite('printed at the first start', 10_000, 0);
    await store.agents.invite('printed at the second', 10_000, 0);
    expect(store.agents.isInvited('printed at the first start', 1)).toBe(false);
    expect(store.agents.isInvited('printed at the second', 1)).toBe(true);
  });

  it('knows a sign-in until it expires or ends', async () => {
    await store.agents.invite('one', 10_000, 0);
    await store.agents.signUp({ tokenHash: 'one', now: 1 }, anna);
    await store.agents.signIn({ tokenHash: 't', agent: 'a', expiresAt: 5_000 }, 1);
    expect(store.agents.bySignIn('t', 4_999)?.agent.email).toBe('anna@example.com');
    expect(store.agents.bySignIn('t', 5_000)).toBeUndefined();
    await store.agents.signOut('t');
    expect(store.agents.bySignIn('t', 1)).toBeUndefined();
  });
});
