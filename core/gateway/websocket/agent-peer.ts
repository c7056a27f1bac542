/**
 * An agent behind a connection: signed in by cookie, sees the list of open conversations, watches
 * the ones he opens, and sends commands. His sign-in is checked again at every command.
 */
import { hashToken } from '#core/identity/identity.ts';
import { accessConversation, type Person } from '#core/identity/permissions.ts';
import {
  AGENT_COMMAND_BURST,
  AGENT_COMMANDS_PER_SECOND,
  LIST_ROWS_MAX,
  ROWS_PER_TURN,
} from '#core/platform/limits.ts';
import { CLOSE, type Refusal, refuse } from '#core/protocol/errors.ts';
import type { AgentFrame } from '#core/protocol/frames.ts';
import { PARSERS, type Peer, send } from './connection.ts';
import { type PeerDeps, signInCookie, welcomeFrame } from './peer.ts';
import { catchUp } from './replay.ts';
import type { Socket } from './socket.ts';

export function welcomeAgent(deps: PeerDeps, socket: Socket): Peer | Refusal {
  const { store, hub, router, presence, identity, clock } = deps;
  const token = signInCookie(socket.upgrade.cookie);
  const signIn = identity.whoIs(token);
  if (signIn === undefined || token === undefined) return refuse('sign_in_required');
  const { agent } = signIn;
  const person: Person = { kind: 'agent', id: agent.id, name: agent.name };
  const watched = new Set<string>();
  const availability = presence.connect(agent.id);
  let isOpen = true;

  send(socket, {
    ...welcomeFrame(deps),
    agent: { id: agent.id, name: agent.name, availability },
    conversations: [],
  });
  sendList();
  hub.addAgent(socket, hashToken(token));
  const endSignIn = (): void => socket.close(CLOSE.signed_out, 'the sign-in has ended');
  const cancelEnd = clock.after(signIn.expiresAt - clock.now(), endSignIn);

  /** The longest waiting at once, the rest in portions: a full list is larger than the buffer. */
  async function sendRest(ids: string[]): Promise<void> {
    for (let from = 0; from < ids.length && isOpen; from += ROWS_PER_TURN) {
      await deps.nextTurn();
      for (const id of ids.slice(from, from + ROWS_PER_TURN)) {
        const row = deps.state(id);
        if (row) send(socket, { t: 'row', row });
      }
    }
  }

  function sendList(): void {
    const rows = store.conversations.open(LIST_ROWS_MAX);
    send(socket, { t: 'list', rows: rows.slice(0, ROWS_PER_TURN) });
    const rest = rows.slice(ROWS_PER_TURN).map((row) => row.id);
    sendRest(rest).catch((error) => deps.onReplayFailed(socket, error));
  }

  function watch(conversation: string, after: number): void {
    const state = accessConversation(person, store.conversations.state(conversation));
    if (state === undefined) {
      send(socket, { t: 'refusal', code: 'not_found' });
      return;
    }
    if (after > state.seq) send(socket, { t: 'reset', conversation });
    watched.add(conversation);
    catchUp(new Map([[conversation, after > state.seq ? 0 : after]]), {
      read: store.conversations.eventsAfter,
      send: (id, events) => send(socket, { t: 'events', conversation: id, events }),
      isOpen: () => isOpen && watched.has(conversation),
      nextTurn: deps.nextTurn,
      live: () => hub.watch(conversation, socket),
    }).catch((error) => deps.onReplayFailed(socket, error));
  }

  function unwatch(conversation: string): void {
    watched.delete(conversation);
    hub.unwatch(conversation, socket);
  }

  function signal(conversation: string): void {
    const state = accessConversation(person, deps.state(conversation));
    if (state?.owner.kind !== 'agent' || state.owner.id !== person.id) return;
    const signal = { type: 'typing', conversation, by: 'agent', name: agent.name } as const;
    hub.live.signalContact(state.contact, signal);
  }

  async function onFrame(frame: AgentFrame): Promise<void> {
    if (identity.whoIs(token) === undefined) return endSignIn();
    switch (frame.t) {
      case 'watch':
        return watch(frame.conversation, frame.after);
      case 'unwatch':
        return unwatch(frame.conversation);
      case 'signal':
        return signal(frame.signal.conversation);
      case 'availability':
        return presence.setAvailability(person.id, frame.availability);
      case 'command': {
        const started = clock.elapsed();
        const sender = { id: person.id, name: agent.name };
        const outcome = await router.fromAgent(sender, frame.id, frame.command);
        return deps.answer(socket, frame.id, outcome, started);
      }
    }
  }

  return {
    kind: 'agent',
    parse: PARSERS.agent,
    onFrame: (frame) => onFrame(frame as AgentFrame),
    onPing: () => {
      if (identity.whoIs(token) === undefined) endSignIn();
    },
    onClose: () => {
      isOpen = false;
      cancelEnd();
      for (const conversation of watched) hub.unwatch(conversation, socket);
      hub.removeAgent(socket, hashToken(token));
      presence.disconnect(person.id);
    },
    bucket: deps.bucket(AGENT_COMMAND_BURST, AGENT_COMMANDS_PER_SECOND),
  };
}
