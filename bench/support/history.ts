/**
 * A data folder with a long history, as if it had been chatted: valid conversations of contact and
 * bot, most of them resolved, written directly with core's own statements. The fold of the events
 * is the stored state, as in life. Written without fsync, because nobody waits for an ack here.
 */
import { mkdirSync } from 'node:fs';
import type { Actor } from '#core/protocol/entities.ts';
import { databaseFile, migrate, openWriter } from '#core/store/sqlite.ts';
import { createExecutor, createMessageRows, type Said } from './message-rows.ts';
import { newId } from './person.ts';

const MESSAGES_PER_CONVERSATION = 20;
const CONVERSATIONS_PER_COMMIT = 500;
/** One of so many is still open. */
const OPEN_OF = 10;
const QUESTION = 'Guten Tag, wann kommt meine Bestellung von letzter Woche bei mir an? Nummer';
const ANSWER =
  'Ihre Bestellung ist in der Regel nach zwei bis vier Werktagen bei Ihnen. Die Nummer der ' +
  'Sendung steht in der E-Mail, die wir Ihnen beim Versand geschickt haben.';

/** @returns how many messages were written: `messages`, rounded up to whole conversations */
export function writeHistory(dataDir: string, messages: number): number {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = databaseFile(dataDir);
  migrate(file);
  const db = openWriter(file);
  db.exec('PRAGMA synchronous=OFF');
  const execute = createExecutor(db);
  const rows = createMessageRows();
  const conversations = Math.ceil(messages / MESSAGES_PER_CONVERSATION);
  for (let i = 0; i < conversations; i++) {
    if (i % CONVERSATIONS_PER_COMMIT === 0) db.exec('BEGIN IMMEDIATE');
    execute(rows.opened(newId(), (contact) => saidIn(i, contact)).statements);
    const isLast = i === conversations - 1 || (i + 1) % CONVERSATIONS_PER_COMMIT === 0;
    if (isLast) db.exec('COMMIT');
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  return conversations * MESSAGES_PER_CONVERSATION;
}

/** Question and answer in turns, so that the bot owes nothing in the end. */
function saidIn(conversation: number, contact: Actor): Said[] {
  const bot = { ai: true, article: 'delivery-time', title: 'Lieferzeit', confidence: 0.9 } as const;
  const said = Array.from({ length: MESSAGES_PER_CONVERSATION / 2 }, (_, i): Said[] => [
    {
      body: { type: 'message.sent', text: `${QUESTION} ${conversation}-${i}` },
      by: contact,
      cid: newId(),
    },
    { body: { type: 'message.sent', text: ANSWER, bot }, by: { kind: 'bot' } },
  ]).flat();
  if (conversation % OPEN_OF === 0) return said;
  return [...said, { body: { type: 'conversation.resolved' }, by: { kind: 'system' } }];
}
