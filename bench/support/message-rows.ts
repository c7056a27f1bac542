/**
 * The rows of conversations, exactly as the product's store would write them, for whoever writes
 * them himself: peers with the same durability, and folders with a long history. The SQL and the
 * projection come from core; nothing here knows a column.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import { type Commit, createConversations } from '#core/store/conversations.ts';
import type { Reader } from '#core/store/sqlite.ts';
import type { Statement, Writer } from '#core/store/writer.ts';
import { newId } from './person.ts';

export type Said = { body: EventBody; by: Actor; cid?: string };
export type Unit = { state: ConversationState; events: StoredEvent[]; statements: Statement[] };
export type MessageRows = ReturnType<typeof createMessageRows>;

/** As long as the fingerprint that the router stores: SHA-256 in hexadecimal digits. */
const FINGERPRINT = 'f'.repeat(64);
const CONTACT_TOKEN_HASH_LENGTH = 64;
const AGENT = { id: newId(), name: 'Anna Beispiel' };

export function createMessageRows() {
  let recorded: Statement[] = [];
  const writer: Writer = {
    write: (statements) => {
      recorded = [...statements];
      return Promise.resolve('done');
    },
    close: () => Promise.resolve(),
    waiting: () => 0,
    isFailing: () => false,
  };
  const reader: Reader = { one: () => undefined, all: () => [], close: () => {} };
  const conversations = createConversations(reader, writer);

  /** One commit: what `said` makes of `before`, and the statements that store it. */
  function unit(before: ConversationState, said: readonly Said[], more: Partial<Commit>): Unit {
    const at = Date.now();
    const events = said.map(
      ({ body, by, cid }, i): StoredEvent => ({
        conversation: before.id,
        seq: before.seq + 1 + i,
        at,
        by,
        ...(cid === undefined ? {} : { cid }),
        body,
      }),
    );
    const state = events.reduce(apply, before);
    void conversations.commit({ before, state, events, commandHash: FINGERPRINT, ...more });
    return { state, events, statements: recorded };
  }

  /** A new contact's conversation, with `said` after the opening. */
  function opened(id: string, said: (contact: Actor) => Said[]): Unit {
    const contact = newId();
    const by: Actor = { kind: 'contact', id: contact };
    const body: EventBody = {
      type: 'conversation.opened',
      contact,
      channel: 'web-chat',
      language: 'de',
    };
    const tokenHash = contact.replaceAll('-', '').padEnd(CONTACT_TOKEN_HASH_LENGTH, '0');
    const newContact = { id: contact, tokenHash, language: 'de', at: Date.now() };
    return unit(emptyState(id), [{ body, by, cid: newId() }, ...said(by)], { newContact });
  }

  return Object.freeze({
    opened,
    /** Opened, and taken by an agent: what a message from person to person goes into. */
    taken: (id: string): Unit =>
      opened(id, () => [
        {
          body: { type: 'conversation.assigned', agent: AGENT },
          by: { kind: 'agent', ...AGENT },
        },
      ]),
    /** One more message of the contact, as his command `cid`. */
    message: (before: ConversationState, cid: string, text: string): Unit =>
      unit(
        before,
        [
          {
            body: { type: 'message.sent', text },
            by: { kind: 'contact', id: before.contact },
            cid,
          },
        ],
        {},
      ),
  });
}

/** Runs statements on a connection; @throws Error when one that must change a row does not */
export function createExecutor(db: DatabaseSync): (statements: readonly Statement[]) => void {
  const known = new Map<string, StatementSync>();
  return (statements) => {
    for (const { sql, values, mustChange } of statements) {
      const prepared = known.get(sql) ?? db.prepare(sql);
      known.set(sql, prepared);
      const { changes } = prepared.run(...values);
      if (mustChange && Number(changes) === 0) throw new Error(`changed nothing: ${sql}`);
    }
  };
}
