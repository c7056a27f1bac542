/**
 * Conversations: the event log and its projection, written in one transaction.
 * Relies on the router handing in the state after the events; refuses what does not follow on.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import type { Reader, Row, Value } from './sqlite.ts';
import type { Statement, WriteResult, Writer } from './writer.ts';

export type Commit = {
  /** The state that the events stand on: what is stored, or was handed in before this. */
  before: ConversationState;
  /** The state with all `events` applied; its `seq` is that of the last event. */
  state: ConversationState;
  /** Ascending, without gaps, the first directly after `before`. */
  events: readonly StoredEvent[];
  /** Fingerprint of the command that caused them; stored beside its cid. */
  commandHash?: string;
  /** A contact who is written for the first time, with the hash of his secret. */
  newContact?: { id: string; tokenHash: string; language: string; at: number };
};

export type FoundCommand = { seq: number; at: number; commandHash: string };

/** G2, G3: on top of exactly what it was decided on, and never the same command twice. */
const AT = 'WHERE id = ? AND seq = ?';
const ONCE = `AND NOT EXISTS
  (SELECT 1 FROM events WHERE cid = ? AND conversation = ? AND sender = ?)`;
/** Most messages leave the lists as they are; touching their indexes would cost the most. */
const ROW = 'UPDATE conversations SET seq = ?, updated_at = ?, state = ?';
const LISTED = `${ROW}, status = ?, owner = ?, waiting_since = ?, bot_due = ?`;
const UPDATE = { row: `${ROW} ${AT}`, listed: `${LISTED} ${AT}` };
const UPDATE_ONCE = { row: `${ROW} ${AT} ${ONCE}`, listed: `${LISTED} ${AT} ${ONCE}` };
const INSERT = `INSERT INTO conversations
  (seq, updated_at, state, status, owner, waiting_since, bot_due, id, contact)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const INSERT_CONTACT = `INSERT INTO contacts (id, token_hash, language, created_at)
  VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const INSERT_EVENT = `INSERT INTO events
  (conversation, seq, at, actor, sender, cid, command_hash, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** Who a cid belongs to: the same cid of two senders is two commands. */
export const senderOf = (by: Actor): string => ('id' in by ? `${by.kind}:${by.id}` : by.kind);

/** Does the bot still owe a reply to the newest message? */
export const isBotDue = (state: ConversationState): boolean =>
  state.owner.kind === 'bot' && state.contactSeq > state.answeredSeq;

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations(reader: Reader, writer: Writer) {
  /**
   * 'conflict': something else was stored first, the command was stored before, or the id exists;
   * nothing was written.
   */
  function commit(unit: Commit): Promise<WriteResult> {
    return writer.write([...contactRow(unit), conversationRow(unit), ...eventRows(unit)]);
  }

  function state(id: string): ConversationState | undefined {
    return toState(reader.one('SELECT state FROM conversations WHERE id = ?', id));
  }

  /** @returns at most `limit` events after `seq`, ascending */
  function eventsAfter(id: string, seq: number, limit: number): StoredEvent[] {
    const sql = `SELECT conversation, seq, at, actor, cid, body FROM events
      WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?`;
    return reader.all(sql, id, seq, limit).map(toEvent);
  }

  /** The earlier command of this sender with the same cid, if it was stored. */
  function findCommand(id: string, by: Actor, cid: string): FoundCommand | undefined {
    const sql = `SELECT seq, at, command_hash FROM events
      WHERE conversation = ? AND sender = ? AND cid = ?`;
    const row = reader.one(sql, id, senderOf(by), cid);
    if (row === undefined) return undefined;
    const { seq, at, command_hash } = row;
    return { seq: Number(seq), at: Number(at), commandHash: String(command_hash) };
  }

  /** Open conversations, longest waiting first, those that wait for nobody last. */
  function open(limit: number): ConversationState[] {
    const waiting = `SELECT state FROM conversations
      WHERE status = 'open' AND waiting_since IS NOT NULL ORDER BY waiting_since LIMIT ?`;
    const calm = `SELECT state FROM conversations
      WHERE status = 'open' AND waiting_since IS NULL ORDER BY updated_at DESC LIMIT ?`;
    const first = reader.all(waiting, limit);
    const rows = [...first, ...reader.all(calm, limit - first.length)];
    return rows.flatMap((row) => toState(row) ?? []);
  }

  /** How many contacts wait in the queue for a person. */
  function waiting(): number {
    const sql = "SELECT count(*) AS n FROM conversations WHERE status = 'open' AND owner = 'queue'";
    return Number(reader.one(sql)?.['n']);
  }

  /** The contact's newest conversations, newest first. */
  function ofContact(contact: string, limit: number): string[] {
    const sql = 'SELECT id FROM conversations WHERE contact = ? ORDER BY updated_at DESC LIMIT ?';
    return reader.all(sql, contact, limit).map((row) => String(row['id']));
  }

  /** Conversations in which the bot owed a reply when the process ended. */
  function botDue(): string[] {
    const rows = reader.all('SELECT id FROM conversations WHERE bot_due = 1');
    return rows.map((row) => String(row['id']));
  }

  return Object.freeze({
    commit,
    state,
    eventsAfter,
    findCommand,
    open,
    waiting,
    ofContact,
    botDue,
  });
}

function contactRow({ newContact: c }: Commit): Statement[] {
  if (c === undefined) return [];
  return [{ sql: INSERT_CONTACT, values: [c.id, c.tokenHash, c.language, c.at] }];
}

function conversationRow({ before, state, events }: Commit): Statement {
  const row = [state.seq, state.updatedAt, JSON.stringify(state)];
  if (before.seq === 0) {
    const values = [...row, ...listed(state), state.id, state.contact];
    return { sql: INSERT, values, mustChange: true };
  }
  const now = listed(state);
  const isListedAlike = listed(before).every((value, i) => value === now[i]);
  const changes = isListedAlike ? row : [...row, ...now];
  const own = events.find((event) => event.cid !== undefined);
  const texts = own === undefined ? UPDATE : UPDATE_ONCE;
  const once = own?.cid === undefined ? [] : [own.cid, state.id, senderOf(own.by)];
  return {
    sql: isListedAlike ? texts.row : texts.listed,
    values: [...changes, state.id, before.seq, ...once],
    mustChange: true,
  };
}

/** What lists are made of: status, owner, waiting_since, bot_due. */
const listed = (state: ConversationState): Value[] => [
  state.status,
  state.owner.kind,
  state.waitingSince ?? null,
  isBotDue(state) ? 1 : 0,
];

function eventRows({ events, commandHash }: Commit): Statement[] {
  return events.map((event) => ({
    sql: INSERT_EVENT,
    values: [
      event.conversation,
      event.seq,
      event.at,
      JSON.stringify(event.by),
      senderOf(event.by),
      event.cid ?? null,
      event.cid === undefined ? null : (commandHash ?? null),
      JSON.stringify(event.body),
    ],
  }));
}

function toState(row: Row | undefined): ConversationState | undefined {
  return row && (JSON.parse(String(row['state'])) as ConversationState);
}

/** A row of `events` as the protocol knows it. */
export function toEvent(row: Row): StoredEvent {
  const event: StoredEvent = {
    conversation: String(row['conversation']),
    seq: Number(row['seq']),
    at: Number(row['at']),
    by: JSON.parse(String(row['actor'])),
    body: JSON.parse(String(row['body'])),
  };
  return row['cid'] === null ? event : { ...event, cid: String(row['cid']) };
}
