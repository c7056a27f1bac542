/**
 * Looks at every frame that the server writes, at the moment it writes it: nothing that is not
 * stored (I1, G1), nothing left out or out of order (G3), nobody receives what he may not read
 * (I5), the same command gets the same ack (G2), and every command is answered.
 */
import { forContact } from '#core/outbound/audience.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import type { ClientFrame, ServerFrame } from '#core/protocol/frames.ts';
import type { SimulatedLine } from './network.ts';
import { type Find, isSame, keyOf, type Truth } from './truth.ts';

/** Stands in every note's text and nowhere else. */
export const NOTE_MARK = '‹note›';

type Command = ContactCommand | AgentCommand;
type Asked = { commands: Command[]; answers: number; acks: Map<string, number> };
type Seen = {
  line: SimulatedLine;
  /** As the server has told him. */
  contact?: string;
  agent?: string;
  welcomedAt?: number;
  /** Last seq that this line was sent, or said to have. */
  cursors: Map<string, number>;
  /** Commands that have arrived, by id, and answers to them. */
  commands: Map<string, Asked>;
};

/** Commands that may be acked without an event of their own: it was so already. */
const MAY_CHANGE_NOTHING = new Set(['human.request', 'conversation.take']);

/** Who has been there so long was there when the newest commits were decided. */
const SETTLED_MS = 15_000;

export type Lookout = ReturnType<typeof createLookout>;

export function createLookout(
  truth: Truth,
  deps: { find: Find; count: (what: string) => void; elapsed: () => number },
) {
  const { find, count } = deps;
  const seen = new Map<number, Seen>();
  /** Every ack that was sent; a restore takes back those behind its backup. */
  const acked = new Map<string, { conversation: string; seq: number }>();
  let acks = 0;

  const of = (line: SimulatedLine): Seen => {
    const known = seen.get(line.number) ?? { line, cursors: new Map(), commands: new Map() };
    seen.set(line.number, known);
    return known;
  };

  function onClientFrame(line: SimulatedLine, text: string): void {
    const frame = parsed(text) as ClientFrame | undefined;
    const who = of(line);
    if (frame?.t === 'hello') {
      for (const [id, seq] of Object.entries(frame.resume ?? {})) who.cursors.set(id, seq);
    }
    if (frame?.t === 'watch') {
      const { conversation, after } = frame;
      who.cursors.set(conversation, Math.max(after, who.cursors.get(conversation) ?? 0));
    }
    if (frame?.t !== 'command') return;
    const asked: Asked = who.commands.get(frame.id) ?? {
      commands: [],
      answers: 0,
      acks: new Map(),
    };
    asked.commands.push(frame.command);
    who.commands.set(frame.id, asked);
  }

  function onServerFrame(line: SimulatedLine, text: string): void {
    const frame = parsed(text) as ServerFrame;
    const who = of(line);
    if (who.agent === undefined && text.includes(NOTE_MARK)) {
      find('I5', `a note to ${line.name}: ${text}`);
    }
    switch (frame.t) {
      case 'welcome':
        who.contact = frame.contact?.id;
        who.agent = frame.agent?.id;
        who.welcomedAt = deps.elapsed();
        return;
      case 'events':
        return onEvents(who, frame.conversation, frame.events);
      case 'reset':
        count('reset');
        return void who.cursors.set(frame.conversation, 0);
      case 'ack':
        return onAck(who, frame);
      case 'refusal':
        count(`refused: ${frame.code}`);
        return answered(who, frame.id);
      case 'list':
        for (const row of frame.rows) onRow(who, row);
        return;
      case 'row':
        return onRow(who, frame.row);
      case 'signal':
        if (frame.signal.type === 'typing') mayRead(who, frame.signal.conversation, 'typing');
        return;
    }
  }

  function mayRead(who: Seen, conversation: string, what: string): void {
    if (who.agent !== undefined) return;
    const owner = truth.stateOf(conversation)?.contact;
    if (who.contact !== undefined && owner === who.contact) return;
    const rule = owner === undefined ? 'I1' : 'I5';
    find(rule, `${what} of ${conversation} to ${who.line.name}`);
  }

  function onEvents(who: Seen, conversation: string, events: readonly StoredEvent[]): void {
    mayRead(who, conversation, 'events');
    let cursor = who.cursors.get(conversation) ?? 0;
    const stored = truth.history(conversation)?.events ?? [];
    for (const [i, event] of events.entries()) {
      const place = `${conversation} ${event.seq} to ${who.line.name}`;
      const follows = i === 0 ? event.seq <= cursor + 1 : event.seq === cursor + 1;
      if (!follows) find('G3', `after ${cursor} comes ${place}`);
      cursor = i === 0 ? event.seq : cursor + 1;
      const truly = stored[event.seq - 1];
      if (truly === undefined) find('I1', `not stored: ${place}`);
      else if (!isSame(event, who.agent === undefined ? forContact(truly) : truly)) {
        find('I1', `not as stored: ${place}: ${JSON.stringify(event)}`);
      }
    }
    who.cursors.set(conversation, Math.max(cursor, who.cursors.get(conversation) ?? 0));
  }

  function onRow(who: Seen, row: { id: string; seq: number }): void {
    if (who.agent === undefined) return find('I5', `a row to ${who.line.name}`);
    const truly = truth.history(row.id)?.states[row.seq];
    if (!truly) find('I1', `a row of ${row.id} ${row.seq} that is not stored`);
    else if (!isSame(truly, row)) find('replay', `row ${JSON.stringify(row)}`);
  }

  function answered(who: Seen, id: string | undefined): void {
    const asked = id === undefined ? undefined : who.commands.get(id);
    if (asked) asked.answers++;
    if (asked && asked.answers > asked.commands.length) find('answer', `twice: ${id}`);
  }

  function onAck(who: Seen, ack: Extract<ServerFrame, { t: 'ack' }>): void {
    acks++;
    answered(who, ack.id);
    const asked = who.commands.get(ack.id);
    if (!asked) return find('answer', `an ack for ${ack.id} that was never asked`);
    const { conversation, seq, at } = ack;
    const times = (asked.acks.get(conversation) ?? 0) + 1;
    asked.acks.set(conversation, times);
    const sender = who.agent === undefined ? `contact:${who.contact}` : `agent:${who.agent}`;
    const event = truth.caused(keyOf(conversation, sender, ack.id));
    if (event === undefined) {
      const isIdle = asked.commands.some(({ type }) => MAY_CHANGE_NOTHING.has(type));
      const isKnown = seq <= (truth.stateOf(conversation)?.seq ?? 0);
      if (!isIdle || !isKnown) find('G1', `acked, not stored: ${ack.id} in ${conversation}`);
      return;
    }
    if (event.seq !== seq || event.at !== at) {
      find('G2', `acked as ${seq}, stored as ${event.seq}: ${ack.id} in ${conversation}`);
    }
    const key = keyOf(conversation, sender, ack.id);
    if (acked.has(key)) count('acked again');
    acked.set(key, { conversation, seq });
    // Reopening comes before the words, and carries the cid for both.
    const next = truth.history(conversation)?.events[seq];
    const equal = asked.commands.filter((command) => isOf(command, event, next)).length;
    if (times > equal) find('G2', `acked with another text: ${ack.id} in ${conversation}`);
  }

  /** Acked means stored: also later, also after a crash. */
  function checkAcked(): void {
    for (const [key, { seq }] of acked) {
      if (truth.caused(key)?.seq !== seq) find('G1', `lost: ${key}, acked as ${seq}`);
    }
  }

  /** A restore takes back what was acked after its backup; that is what a restore means. */
  function restored(): number {
    const before = acked.size;
    for (const [key, { conversation, seq }] of acked) {
      if (seq > (truth.stateOf(conversation)?.seq ?? 0)) acked.delete(key);
    }
    return before - acked.size;
  }

  /** When nothing is under way any more: a command without an answer is a broken promise. */
  function checkAnswered(): void {
    for (const { line, commands } of seen.values()) {
      if (!line.isOpenAtServer()) continue;
      for (const [id, { commands: asked, answers }] of commands) {
        if (answers < asked.length) find('answer', `none for ${id} of ${line.name}`);
      }
    }
  }

  const isAtDesk = (agent: string): boolean =>
    [...seen.values()].some(
      (who) =>
        who.agent === agent &&
        who.line.isOpenAtServer() &&
        deps.elapsed() - (who.welcomedAt ?? 0) > SETTLED_MS,
    );

  return {
    isAtDesk,
    onClientFrame,
    onServerFrame,
    checkAcked,
    checkAnswered,
    restored,
    acks: () => acks,
  };
}

/** Is this the command that has caused this event? */
function isOf(command: Command, event: StoredEvent, next: StoredEvent | undefined): boolean {
  if (command.conversation !== event.conversation) return false;
  if (!('text' in command)) return true;
  return [event, next].some((one) => one && 'text' in one.body && one.body.text === command.text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
