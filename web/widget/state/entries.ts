/**
 * What stands in the transcript: events and pending commands in, lines to draw out. Pure.
 * An own message has the same key while it is sent and after it came back as an event, so the
 * line stays where it is and is announced once.
 */
import type { Choice } from '../../../core/protocol/entities.ts';
import type { RefusalCode } from '../../../core/protocol/errors.ts';
import type { BotMark, StoredEvent } from '../../../core/protocol/events.ts';
import type { PendingCommand } from '../../shared/connection.ts';
import { startOfDay } from '../texts/texts.ts';
import type { Model } from './model.ts';

export type LineText =
  | 'lineHandover'
  | 'lineAssigned'
  | 'lineQueue'
  | 'lineBot'
  | 'lineResolved'
  | 'lineReopened';

export type MessageEntry = {
  kind: 'message';
  key: string;
  by: 'contact' | 'bot' | 'agent';
  name?: string;
  text: string;
  at?: number;
  bot?: BotMark;
  /** Only on the newest message: older questions have been answered. */
  choices?: Choice[];
  state: 'sending' | 'stored' | 'failed';
  refusal?: RefusalCode;
  /** Same speaker as the line before. */
  follows: boolean;
};

export type Entry =
  | MessageEntry
  | { kind: 'day'; key: string; at: number }
  | { kind: 'line'; key: string; text: LineText; name?: string };

/** @param labelOf the words of an article choice that has not come back as a message yet */
export function entriesOf(model: Model, labelOf: (article: string) => string): Entry[] {
  const events = model.conversation?.events ?? [];
  const entries: Entry[] = [];
  let day = 0;
  for (const event of events) {
    const entry = entryOf(event);
    if (!entry) continue;
    if (startOfDay(event.at) !== day) {
      day = startOfDay(event.at);
      entries.push({ kind: 'day', key: `day-${day}`, at: event.at });
    }
    entries.push(entry);
  }
  const cids = new Set(events.map((event) => event.cid));
  for (const { pending, at } of model.acked) {
    if (!cids.has(pending.id)) entries.push(...ownEntry(pending, labelOf, at));
  }
  const acked = new Set(model.acked.map(({ pending }) => pending.id));
  for (const pending of model.pending) {
    if (pending.command.conversation !== model.conversationId || cids.has(pending.id)) continue;
    if (!acked.has(pending.id)) entries.push(...ownEntry(pending, labelOf));
  }
  return linked(entries);
}

export const lastMessageOf = (entries: Entry[]): MessageEntry | undefined =>
  entries.filter((entry) => entry.kind === 'message').pop();

/** Marks who goes on speaking, and leaves choices only where they can still be made. */
function linked(entries: Entry[]): Entry[] {
  const lastMessage = lastMessageOf(entries);
  return entries.map((entry, i) => {
    if (entry.kind !== 'message') return entry;
    const before = entries[i - 1];
    const follows =
      before?.kind === 'message' && before.by === entry.by && before.name === entry.name;
    return { ...entry, follows, choices: entry === lastMessage ? entry.choices : undefined };
  });
}

function entryOf(event: StoredEvent): Entry | undefined {
  const { body, by, at, seq } = event;
  const line = (text: LineText, name?: string): Entry => ({
    kind: 'line',
    key: `line-${seq}`,
    text,
    name,
  });
  switch (body.type) {
    case 'message.sent': {
      const { text, bot, choices } = body;
      const key = event.cid ?? `message-${seq}`;
      const name = by.kind === 'agent' ? by.name : undefined;
      const speaker = by.kind === 'system' ? 'bot' : by.kind;
      const message = { kind: 'message', key, by: speaker, name, text, at, bot, choices } as const;
      return { ...message, state: 'stored', follows: false };
    }
    case 'handover.requested':
      return line('lineHandover');
    case 'conversation.assigned':
      return line('lineAssigned', body.agent.name);
    case 'conversation.released':
      return line(body.to === 'bot' ? 'lineBot' : 'lineQueue');
    case 'conversation.resolved':
      return line('lineResolved');
    case 'conversation.reopened':
      return line('lineReopened');
    default:
      return undefined;
  }
}

function ownEntry(
  { id, command, state, refusal }: PendingCommand,
  labelOf: (article: string) => string,
  storedAt?: number,
): MessageEntry[] {
  const text =
    command.type === 'message.send'
      ? command.text
      : command.type === 'article.choose'
        ? labelOf(command.article)
        : '';
  if (text === '') return [];
  const shown = storedAt === undefined ? state : 'stored';
  const own = { kind: 'message', key: id, by: 'contact', text, at: storedAt } as const;
  return [{ ...own, state: shown, refusal, follows: false }];
}
