/**
 * What the transcript shows, line by line: date lines between days, events, and after them what
 * waits in the outbox. A stored message takes the place of the pending one: both have its cid as
 * key, so nothing is drawn or read out twice. Pure.
 */

import type { AgentCommand, ContactCommand } from '../../../core/protocol/commands.ts';
import type { StoredEvent } from '../../../core/protocol/events.ts';
import { daysApart } from '../texts/format.ts';

/** What the transcript needs of a command that waits in the outbox. */
export type Outgoing = {
  id: string;
  command: AgentCommand | ContactCommand;
  state: 'sending' | 'failed';
};

export type Entry =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'event'; key: string; event: StoredEvent; continued: boolean }
  | { kind: 'pending'; key: string; pending: Outgoing; text: string; note: boolean };

/** Words of one speaker this close together stand under one name. */
const TOGETHER_MS = 3 * 60_000;

const speaker = ({ by, body }: StoredEvent): string | undefined => {
  if (body.type !== 'message.sent' && body.type !== 'note.added') return undefined;
  return `${body.type} ${by.kind} ${'id' in by ? by.id : ''}`;
};

export function entries(
  events: readonly StoredEvent[],
  outbox: readonly Outgoing[],
  conversation: string,
): Entry[] {
  const result: Entry[] = [];
  let before: StoredEvent | undefined;
  for (const event of events) {
    if (event.body.type === 'hidden') continue;
    if (!before || daysApart(before.at, event.at) !== 0) {
      result.push({ kind: 'day', key: `day-${event.seq}`, at: event.at });
      before = undefined;
    }
    const who = speaker(event);
    const continued =
      before !== undefined &&
      who !== undefined &&
      who === speaker(before) &&
      event.at - before.at < TOGETHER_MS;
    result.push({ kind: 'event', key: event.cid ?? `seq-${event.seq}`, event, continued });
    before = event;
  }
  const stored = new Set(events.map((event) => event.cid));
  for (const pending of outbox) {
    const { command, id } = pending;
    if (command.conversation !== conversation || stored.has(id) || !('text' in command)) continue;
    const note = command.type === 'note.add';
    result.push({ kind: 'pending', key: id, pending, text: command.text, note });
  }
  return result;
}

/** @returns messages of the contact after `seq` */
export const contactMessagesAfter = (events: readonly StoredEvent[], seq: number): number =>
  events.filter(
    (event) => event.seq > seq && event.by.kind === 'contact' && event.body.type === 'message.sent',
  ).length;
