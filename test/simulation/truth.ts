/**
 * What is really stored: read from the database after every commit, by a connection of its own,
 * and checked as it comes: G2 (once), G3 (no gap), I4 (one owner), I10 (the mark), the order of
 * each outbox, and that the projection is the fold of the events. Knows no socket.
 */
import { isDeepStrictEqual } from 'node:util';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { isBotDue, toEvent } from '#core/store/conversations.ts';
import { databaseFile, openReader, type Reader } from '#core/store/sqlite.ts';

export type Find = (rule: string, what: string) => void;

/** Message texts of the simulation begin with this: who wrote it, and as his how-many-th. */
const SAID = /^#(\S+) (\d+)(!?) /;
/** `!`: its order and number are no promise, e.g. because two tabs hold the same outbox. */
export const saying = (author: string, number: number, isLoose: boolean, text: string): string =>
  `#${author} ${number}${isLoose ? '!' : ''} ${text}`;

export type History = {
  events: StoredEvent[];
  /** `states[seq]` is the fold up to `seq`. */
  states: ConversationState[];
};

export type Truth = ReturnType<typeof createTruth>;

/** @param isAtDesk has this agent been connected for long, and still is? */
export function createTruth(dataDir: string, find: Find, isAtDesk: (agent: string) => boolean) {
  let reader: Reader | undefined;
  let histories = new Map<string, History>();
  let cids = new Map<string, StoredEvent>();
  let order = new Map<string, number>();
  let said = new Map<string, string>();
  const loose = new Set<string>();
  const heard = new Set<string>();
  let lastId = 0;
  let events = 0;
  /** False while the past is read again: who was there then is not known any more. */
  let isLive = true;

  /** Reads what the newest commit has added, and checks it. */
  function read(): void {
    reader ??= openReader(databaseFile(dataDir));
    const sql = `SELECT id, conversation, seq, at, actor, sender, cid, body FROM events
      WHERE id > ? ORDER BY id`;
    const changed = new Set<string>();
    for (const row of reader.all(sql, lastId)) {
      lastId = Number(row['id']);
      events++;
      const event = toEvent(row);
      changed.add(event.conversation);
      take(event, String(row['sender']));
    }
    for (const id of changed) compareProjection(id);
  }

  function take(event: StoredEvent, sender: string): void {
    const { conversation, seq } = event;
    const history = histories.get(conversation) ?? {
      events: [],
      states: [emptyState(conversation)],
    };
    histories.set(conversation, history);
    const before = history.states.at(-1) as ConversationState;
    const place = `${conversation} ${seq}`;
    if (seq !== before.seq + 1) return find('G3', `after ${before.seq} came ${place}`);
    checkOwner(event, before, history.events.at(-1));
    checkOnce(event, sender);
    if (event.by.kind === 'contact' && event.body.type === 'message.sent') checkOrder(event);
    try {
      history.states.push(apply(before, event));
    } catch (error) {
      find('lifecycle', `${place}: ${(error as Error).message}`);
    }
    history.events.push(event);
  }

  /** I4, decided again here, from the stored events alone. */
  function checkOwner(event: StoredEvent, before: ConversationState, last?: StoredEvent): void {
    const { by, body } = event;
    const { owner } = before;
    const place = `${event.conversation} ${event.seq} (${body.type}), owner ${owner.kind}`;
    if (by.kind === 'contact' && before.status !== 'none' && by.id !== before.contact) {
      find('I5', `another contact writes: ${place}`);
    }
    if (by.kind === 'agent' && body.type === 'message.sent') {
      if (owner.kind !== 'agent' || owner.id !== by.id) find('I4', `not his: ${place}`);
    }
    if (isLive && body.type === 'conversation.assigned' && owner.kind === 'agent') {
      if (owner.id !== body.agent.id && isAtDesk(owner.id)) find('I4', `taken away: ${place}`);
    }
    if (by.kind !== 'bot') {
      if (body.type === 'message.sent' && body.bot) find('I10', `a person with the mark: ${place}`);
      return;
    }
    checkHeard(event, before);
    const tellsHandover = last?.body.type === 'handover.requested';
    if (owner.kind !== 'bot' && !tellsHandover) find('I4', `the bot writes: ${place}`);
    if (body.type === 'message.sent' && body.bot?.ai !== true) find('I10', `no mark: ${place}`);
  }

  /** What the bot answers it must have heard: newer words are not settled by an older reply. */
  function checkHeard({ conversation, seq, body }: StoredEvent, before: ConversationState): void {
    const isReply = body.type === 'message.sent' && before.owner.kind === 'bot';
    const givesUp = body.type === 'handover.requested' && body.reason === 'not_understood';
    if (!isReply && !givesUp) return;
    if (before.contactSeq === before.answeredSeq) return;
    const last = histories.get(conversation)?.events[before.contactSeq - 1]?.body;
    const words = last?.type === 'message.sent' ? SAID.exec(last.text)?.[0] : undefined;
    if (words === undefined || heard.has(words)) return;
    find('bot', `settles "${words}" at ${conversation} ${seq} without having heard it`);
  }

  function checkOnce(event: StoredEvent, sender: string): void {
    if (event.cid === undefined) return;
    const key = keyOf(event.conversation, sender, event.cid);
    if (cids.has(key)) find('G2', `stored twice: ${key}`);
    cids.set(key, event);
  }

  /** An outbox is FIFO, and nothing is stored twice under two ids. */
  function checkOrder({ conversation, seq, body }: StoredEvent): void {
    if (body.type !== 'message.sent') return;
    const [, author, number, mark] = SAID.exec(body.text) ?? [];
    if (author === undefined) return;
    const isLoose = mark !== '' || loose.has(body.text);
    const n = Number(number);
    const words = `${author} ${n}`;
    const where = isLoose ? `${words} in ${conversation}` : words;
    const first = said.get(where);
    if (first !== undefined) find('G2', `"${words}" is stored in ${first} and ${conversation}`);
    said.set(where, `${conversation} ${seq}`);
    if (isLoose) return;
    const key = `${author} ${conversation}`;
    const last = order.get(key) ?? 0;
    if (n < last) find('G3', `outbox of ${author}: ${n} after ${last} in ${conversation}`);
    order.set(key, n);
  }

  /** Replay equality: what is stored beside the events is their fold. */
  function compareProjection(id: string): void {
    const sql = `SELECT seq, status, owner, waiting_since, bot_due, updated_at, contact, state
      FROM conversations WHERE id = ?`;
    const row = reader?.one(sql, id);
    const folded = stateOf(id);
    if (folded === undefined) return;
    if (row === undefined) return find('replay', `${id} has events and no projection`);
    const columns = [
      folded.seq,
      folded.status,
      folded.owner.kind,
      folded.waitingSince ?? null,
      isBotDue(folded) ? 1 : 0,
      folded.updatedAt,
      folded.contact,
    ];
    const stored = Object.values(row).slice(0, columns.length);
    const state: unknown = JSON.parse(String(row['state']));
    if (isDeepStrictEqual(columns, stored) && isSame(state, folded)) return;
    find('replay', `${id}: stored ${row['state']}, folded ${JSON.stringify(folded)}`);
  }

  /** The file was replaced: forgets everything and reads it anew. */
  function reopen(): void {
    reader?.close();
    reader = undefined;
    histories = new Map();
    cids = new Map();
    order = new Map();
    said = new Map();
    lastId = 0;
    isLive = false;
    read();
    isLive = true;
  }

  /** At the end: the same once more from the file, and SQLite's own opinion of it. */
  function checkFile(): void {
    const before = histories;
    reopen();
    for (const [id, { events: was }] of before) {
      if (!isDeepStrictEqual(histories.get(id)?.events, was)) find('G1', `${id} has changed`);
    }
    const integrity = reader?.one('PRAGMA integrity_check')?.['integrity_check'];
    if (integrity !== 'ok') find('store', `integrity: ${integrity}`);
    if (reader?.one('PRAGMA foreign_key_check')) find('store', 'a foreign key points nowhere');
  }

  const stateOf = (id: string): ConversationState | undefined => histories.get(id)?.states.at(-1);

  function close(): void {
    reader?.close();
    reader = undefined;
  }

  return {
    read,
    reopen,
    checkFile,
    close,
    history: (id: string): History | undefined => histories.get(id),
    stateOf,
    /** An utterance was handed to the bot's model. */
    heard: (utterance: string): void => {
      for (const line of utterance.split('\n')) heard.add(SAID.exec(line)?.[0] ?? '');
    },
    /** This text may be stored in several conversations, and out of order. */
    loosen: (text: string): void => void loose.add(text),
    ids: (): string[] => [...histories.keys()],
    /** The event that a command has caused; `key` by `keyOf`. */
    caused: (key: string): StoredEvent | undefined => cids.get(key),
    /** Events read in all. */
    events: () => events,
  };
}

/** One command of one sender in one conversation (G2). */
export const keyOf = (conversation: string, sender: string, cid: string): string =>
  `${conversation} ${sender} ${cid}`;

/** Equal as JSON: what is undefined is not there, the order of keys means nothing. */
export function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}
