/**
 * Who is connected, and passing things on to them: the live channel of `outbound`. Each frame is
 * encoded once, however many read it. Knows connections by contact, agent and watched conversation.
 */
import type { LiveChannel } from '#core/outbound/channel.ts';
import type { Clock } from '#core/platform/clock.ts';
import { ROW_SENDS_PER_TURN } from '#core/platform/limits.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import type { ServerFrame } from '#core/protocol/frames.ts';
import type { Socket } from './socket.ts';

export type Hub = ReturnType<typeof createHub>;

/** An agent's list is brought up to date this often; a busy conversation costs one row each. */
const ROWS_EVERY_MS = 50;
/** Between two portions of rows, so that they never hold up messages. */
const ROWS_PAUSE_MS = 5;

export function createHub(clock: Pick<Clock, 'after'>) {
  const contacts = new Map<string, Set<Socket>>();
  const watchers = new Map<string, Set<Socket>>();
  const agents = new Set<Socket>();
  const signIns = new Map<string, Set<Socket>>();
  const changedRows = new Map<string, ConversationState>();

  const live: LiveChannel = {
    toContact: (contact, conversation, events) =>
      sendEvents(contacts.get(contact), conversation, events),
    toWatchers: (conversation, events) =>
      sendEvents(watchers.get(conversation), conversation, events),
    toAgents: (row) => {
      if (agents.size === 0) return;
      if (changedRows.size === 0) clock.after(ROWS_EVERY_MS, sendRows);
      changedRows.set(row.id, row);
    },
    signalContact: (contact, signal) => send(contacts.get(contact), { t: 'signal', signal }),
    signalWatchers: (conversation, signal) =>
      send(watchers.get(conversation), { t: 'signal', signal }),
    signalEveryone: (signal) => {
      const frame: ServerFrame = { t: 'signal', signal };
      send(agents, frame);
      for (const sockets of contacts.values()) send(sockets, frame);
    },
  };

  /** Every row goes to every agent: many of both are sent in portions, longest waiting first. */
  function sendRows(): void {
    let left = Math.max(1, Math.floor(ROW_SENDS_PER_TURN / Math.max(1, agents.size)));
    for (const [id, row] of changedRows) {
      if (left-- === 0) break;
      changedRows.delete(id);
      send(agents, { t: 'row', row });
    }
    if (changedRows.size > 0) clock.after(ROWS_PAUSE_MS, sendRows);
  }

  let encoded: { events: readonly StoredEvent[]; text: string } | undefined;

  /** Contact and agents often read the very same events: these are encoded once. */
  function sendEvents(
    sockets: Set<Socket> | undefined,
    conversation: string,
    events: readonly StoredEvent[],
  ): void {
    if (sockets === undefined) return;
    if (encoded?.events !== events) {
      const frame: ServerFrame = { t: 'events', conversation, events: [...events] };
      encoded = { events, text: JSON.stringify(frame) };
    }
    for (const socket of sockets) socket.send(encoded.text);
  }

  function send(sockets: Iterable<Socket> | undefined, frame: ServerFrame): void {
    if (sockets === undefined) return;
    let text: string | undefined;
    for (const socket of sockets) {
      text ??= JSON.stringify(frame);
      socket.send(text);
    }
  }

  return Object.freeze({
    live,
    addContact: (contact: string, socket: Socket) => add(contacts, contact, socket),
    removeContact: (contact: string, socket: Socket) => remove(contacts, contact, socket),
    addAgent: (socket: Socket, signIn: string) => {
      agents.add(socket);
      add(signIns, signIn, socket);
    },
    removeAgent: (socket: Socket, signIn: string) => {
      agents.delete(socket);
      remove(signIns, signIn, socket);
    },
    watch: (conversation: string, socket: Socket) => add(watchers, conversation, socket),
    unwatch: (conversation: string, socket: Socket) => remove(watchers, conversation, socket),
    /** The sockets that were opened under this sign-in, to close them when it ends. */
    ofSignIn: (signIn: string): readonly Socket[] => [...(signIns.get(signIn) ?? [])],
  });
}

function add(map: Map<string, Set<Socket>>, key: string, socket: Socket): void {
  const sockets = map.get(key) ?? new Set();
  sockets.add(socket);
  map.set(key, sockets);
}

function remove(map: Map<string, Set<Socket>>, key: string, socket: Socket): void {
  const sockets = map.get(key);
  sockets?.delete(socket);
  if (sockets?.size === 0) map.delete(key);
}
