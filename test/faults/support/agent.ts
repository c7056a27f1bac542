/**
 * An agent of a fleet: signed in by cookie, watches conversations as they appear in the list,
 * takes some of them and writes messages and internal notes into those.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import { REFUSALS } from '#core/protocol/errors.ts';
import { PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import { type History, NOTE_MARK } from './history.ts';
import { createPerson } from './person.ts';

export type FleetAgent = ReturnType<typeof createFleetAgent>;

export type AgentOptions = {
  name: string;
  address: string;
  cookie: string;
  history: History;
  random: () => number;
  /** Is this conversation his share? */
  cares: (conversation: string) => boolean;
  watchMax: number;
  takeMax: number;
  /** Between an ack and the next words in a conversation. */
  pauseMs: number;
  isWriting: () => boolean;
};

export function createFleetAgent(options: AgentOptions) {
  const { name, history, isWriting } = options;
  const watched = new Set<string>();
  /** Taken conversations, each with how much was written into it. */
  const taken = new Map<string, number>();
  const taking = new Map<string, string>();
  const left = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;

  const person = createPerson({
    ...options,
    role: 'agent',
    headers: { cookie: options.cookie },
    wants: (conversation) => watched.has(conversation),
    hello: () => ({ t: 'hello', protocol: PROTOCOL_VERSION, as: 'agent', resume: {} }),
    onFrame: (frame) => {
      if (frame.t === 'list') for (const row of frame.rows) consider(row);
      if (frame.t === 'row') consider(frame.row);
      if (frame.t === 'ack') answered(frame.id, frame.conversation);
      if (frame.t === 'refusal') refused(frame);
      if (frame.t === 'reset' && watched.has(frame.conversation)) watch(frame.conversation);
    },
    onStatus: (status) => {
      if (status === 'live') for (const conversation of watched) watch(conversation);
    },
  });

  function watch(conversation: string): void {
    const after = person.views().get(conversation)?.state.seq ?? 0;
    person.send({ t: 'watch', conversation, after });
  }

  function consider({ id, owner }: ConversationState): void {
    if (isClosed || left.has(id) || !options.cares(id)) return;
    if (!watched.has(id) && watched.size < options.watchMax) {
      watched.add(id);
      watch(id);
    }
    const isFree = owner.kind === 'queue' && !taken.has(id) && !taking.has(id);
    if (!isFree || !watched.has(id) || !isWriting()) return;
    if (taken.size + taking.size >= options.takeMax) return;
    taking.set(id, person.command({ type: 'conversation.take', conversation: id }));
  }

  function answered(cid: string, conversation: string): void {
    if (taking.get(conversation) === cid) {
      taking.delete(conversation);
      taken.set(conversation, 0);
    }
    if (!taken.has(conversation)) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      speak(conversation);
    }, options.pauseMs);
    timers.add(timer);
  }

  /** Messages and notes in turn, so that every contact's sequence has something hidden in it. */
  function speak(conversation: string): void {
    const n = taken.get(conversation);
    if (isClosed || n === undefined || !isWriting()) return;
    if (person.pending().some((item) => item.command.conversation === conversation)) return;
    taken.set(conversation, n + 1);
    const isNote = n % 2 === 1;
    const words = `${isNote ? NOTE_MARK : 'Antwort'} ${name} ${conversation} ${n}`;
    const type = isNote ? 'note.add' : 'message.send';
    const cid = person.command({ type, conversation, text: words });
    const kind = isNote ? 'note.added' : 'message.sent';
    history.invoke({ cid, conversation, sender: name, kind, text: words });
  }

  /** Somebody else has it now, or it is gone: no more words into it. */
  function refused({ id, code }: Extract<ServerFrame, { t: 'refusal' }>): void {
    const item = person.pending().find((pending) => pending.id === id);
    if (item === undefined) return;
    if (REFUSALS[code].retry) return;
    taking.delete(item.command.conversation);
    taken.delete(item.command.conversation);
  }

  return Object.freeze({
    ...person,
    watched: (): ReadonlySet<string> => watched,
    /** Its contact has left: somebody else's conversation gets the place. */
    leave: (conversation: string): void => {
      left.add(conversation);
      taken.delete(conversation);
      taking.delete(conversation);
      if (!watched.delete(conversation)) return;
      person.send({ t: 'unwatch', conversation });
      person.record(false, conversation);
      person.views().forget(conversation);
    },
    resume: (): void => {
      for (const conversation of taken.keys()) speak(conversation);
    },
    close: (): void => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      person.close();
    },
  });
}
