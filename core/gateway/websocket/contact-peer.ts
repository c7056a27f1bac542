/**
 * A contact behind a connection: recognised by his secret or given a new one, brought up to date,
 * then his commands go to the router. Stores nothing before his first command.
 */
import { hashToken } from '#core/identity/identity.ts';
import { accessConversation } from '#core/identity/permissions.ts';
import { forContact } from '#core/outbound/audience.ts';
import {
  COMMAND_BURST,
  COMMANDS_PER_SECOND,
  CONTACT_CONVERSATIONS_MAX,
  REPLAY_EVENTS_MAX,
} from '#core/platform/limits.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import type { ContactFrame, HelloFrame } from '#core/protocol/frames.ts';
import type { Contact } from '#core/router/router.ts';
import { PARSERS, type Peer, send } from './connection.ts';
import { type PeerDeps, welcomeFrame } from './peer.ts';
import { catchUp } from './replay.ts';
import type { Socket } from './socket.ts';

export function welcomeContact(deps: PeerDeps, socket: Socket, hello: HelloFrame): Peer {
  const contact = greet(deps, socket, hello);
  const { router, clock, hub } = deps;

  async function onFrame(frame: ContactFrame): Promise<void> {
    if (frame.t === 'signal') return signal(frame.signal.conversation);
    if (frame.t !== 'command') return;
    const started = clock.elapsed();
    const outcome = await router.fromContact(contact, frame.id, frame.command);
    deps.answer(socket, frame.id, outcome, started);
    if (!isRefusal(outcome)) delete contact.unstored;
  }

  function signal(conversation: string): void {
    const state = deps.state(conversation);
    if (!accessConversation({ kind: 'contact', id: contact.id }, state)) return;
    hub.live.signalWatchers(conversation, { type: 'typing', conversation, by: 'contact' });
  }

  return {
    kind: 'contact',
    parse: PARSERS.contact,
    onFrame: (frame) => onFrame(frame as ContactFrame),
    onClose: () => {
      contact.isThere = false;
      hub.removeContact(contact.id, socket);
    },
    bucket: deps.bucket(COMMAND_BURST, COMMANDS_PER_SECOND),
  };
}

type PresentContact = Contact & { isThere: boolean };

/** Says welcome and sends what is missing. Apart, so that an idle connection keeps none of it. */
function greet(deps: PeerDeps, socket: Socket, hello: HelloFrame): PresentContact {
  const { store, hub, random, clock } = deps;
  const known = hello.token && store.contacts.byTokenHash(hashToken(hello.token));
  const token = known && hello.token ? hello.token : random.token();
  const contact: PresentContact = known
    ? { id: known, isThere: true }
    : {
        id: random.uuid(clock.now()),
        unstored: { tokenHash: hashToken(token), language: hello.language, at: clock.now() },
        isThere: true,
      };
  const conversations = store.conversations.ofContact(contact.id, CONTACT_CONVERSATIONS_MAX);
  send(socket, {
    ...welcomeFrame(deps),
    contact: { id: contact.id, token },
    conversations,
  });
  const isSameEpoch = hello.epoch === store.epoch;
  const cursors = new Map(
    conversations.map((id) => [id, isSameEpoch ? startAt(id, hello.resume[id] ?? 0) : 0] as const),
  );

  /** A client that is ahead has seen what a restored backup does not hold: it starts again. */
  function startAt(conversation: string, seq: number): number {
    if (seq <= (deps.state(conversation)?.seq ?? 0)) return seq;
    send(socket, { t: 'reset', conversation });
    return 0;
  }

  let isSameStep = true;
  catchUp(cursors, {
    read: store.conversations.eventsAfter,
    send: (conversation, events) =>
      send(socket, { t: 'events', conversation, events: events.map(forContact) }),
    isOpen: () => contact.isThere,
    nextTurn: deps.nextTurn,
    live: () => {
      hub.addContact(contact.id, socket);
      const agentsOnline = deps.presence.online();
      send(socket, { t: 'signal', signal: { type: 'presence', agentsOnline } });
      if (isSameStep) return;
      // Opened meanwhile in another tab: short still, and in the same step as going live.
      const all = store.conversations.ofContact(contact.id, CONTACT_CONVERSATIONS_MAX);
      for (const id of all.filter((known) => !cursors.has(known))) {
        const events = store.conversations.eventsAfter(id, 0, REPLAY_EVENTS_MAX);
        send(socket, { t: 'events', conversation: id, events: events.map(forContact) });
      }
    },
  }).catch((error) => deps.onReplayFailed(socket, error));
  isSameStep = false;
  return contact;
}
