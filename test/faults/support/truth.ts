/**
 * What the server has stored, read twice: over the protocol by a fresh agent who watches every
 * conversation, and out of the SQLite file, opened read-only once no server uses it.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WebSocket } from 'ws';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import { toEvent } from '#core/store/conversations.ts';
import { createConversations } from '../../../web/shared/conversations.ts';

export type Events = ReadonlyMap<string, readonly StoredEvent[]>;

export type StoredConversation = {
  seq: number;
  status: string;
  owner: string;
  state: ConversationState;
};

export type Stored = {
  events: Events;
  conversations: ReadonlyMap<string, StoredConversation>;
  /** 'ok', or what SQLite found. */
  integrity: string;
};

const WATCHED_AT_ONCE = 20;
const READ_WITHIN_MS = 120_000;

/**
 * @param reached conversation → the seq up to which to read at least
 * @returns all events of these conversations as an agent is shown them
 * @throws Error when the server closes or does not show them all in time
 */
export function readOverProtocol(
  url: string,
  cookie: string,
  reached: ReadonlyMap<string, number>,
): Promise<Events> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`, { headers: { cookie } });
  const gaps: string[] = [];
  const views = createConversations({ onGap: (id, after) => gaps.push(`${id} after ${after}`) });
  const ahead = [...reached.keys()];
  const watching = new Set<string>();
  const send = (frame: object): void => socket.send(JSON.stringify(frame));

  function watchMore(): void {
    while (watching.size < WATCHED_AT_ONCE) {
      const conversation = ahead.pop();
      if (conversation === undefined) return;
      watching.add(conversation);
      send({ t: 'watch', conversation, after: 0 });
    }
  }

  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      socket.terminate();
      reject(new Error(`the truth cannot be read: ${why}`));
    };
    const late = (): void => fail(`${watching.size + ahead.length} conversations are not whole`);
    const timer = setTimeout(late, READ_WITHIN_MS);
    const done = (): void => {
      clearTimeout(timer);
      socket.close();
      resolve(new Map(views.ids().map((id) => [id, views.get(id)?.events ?? []])));
    };
    socket.on('error', (error) => fail(error.message));
    socket.on('close', (code) => fail(`closed with ${code}`));
    socket.on('open', () => send({ t: 'hello', protocol: PROTOCOL_VERSION, as: 'agent' }));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.t === 'refusal') return fail(`refused as ${frame.code}`);
      views.take(frame);
      if (gaps.length > 0) return fail(`a gap in ${gaps[0]}`);
      if (frame.t === 'events') {
        const id = frame.conversation;
        if ((views.get(id)?.state.seq ?? 0) < (reached.get(id) ?? 0)) return;
        if (watching.delete(id)) send({ t: 'unwatch', conversation: id });
      }
      if (frame.t !== 'welcome' && frame.t !== 'events') return;
      watchMore();
      if (watching.size === 0 && ahead.length === 0) done();
    });
  });
}

/** @returns everything in `tresen.db` of a folder that no server uses; recovers its WAL */
export function readDatabase(dataDir: string): Stored {
  const file = join(dataDir, 'tresen.db');
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const problems = db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    const integrity = problems.map((row) => row.integrity_check).join('; ');
    const events = new Map<string, StoredEvent[]>();
    const select = `SELECT conversation, seq, at, actor, cid, body FROM events
      ORDER BY conversation, seq`;
    for (const row of db.prepare(select).iterate()) {
      const event = toEvent(row);
      const known = events.get(event.conversation);
      if (known) known.push(event);
      else events.set(event.conversation, [event]);
    }
    const rows = db.prepare('SELECT id, seq, status, owner, state FROM conversations').all();
    const conversations = new Map(
      rows.map((row) => [
        String(row['id']),
        {
          seq: Number(row['seq']),
          status: String(row['status']),
          owner: String(row['owner']),
          state: JSON.parse(String(row['state'])) as ConversationState,
        },
      ]),
    );
    return { events, conversations, integrity };
  } finally {
    db.close();
  }
}
