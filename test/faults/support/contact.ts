/**
 * A contact of a fleet: opens conversations, asks for a person, then writes one numbered message
 * after the other into each, as fast as the outbox takes them or with pauses.
 */
import { PROTOCOL_VERSION } from '#core/protocol/frames.ts';
import { uuid } from '../../../web/shared/uuid.ts';
import type { History } from './history.ts';
import { createPerson } from './person.ts';

export type Contact = ReturnType<typeof createContact>;

export type ContactOptions = {
  name: string;
  address: string;
  history: History;
  random: () => number;
  /** Written into at the same time. */
  conversations: number;
  /** Per conversation; then the contact has said all. */
  messagesMax: number;
  /** Messages waiting in the outbox per conversation. */
  backlog: number;
  /** Between an ack and the next message. */
  pauseMs: number;
  /** Ask for a person at once, so that the bot does not answer. */
  wantsPerson: boolean;
  text?: (name: string, conversation: number, n: number) => string;
  isWriting: () => boolean;
  onDone?: (contact: Contact) => void;
};

const numbered = (name: string, conversation: number, n: number): string =>
  `${name} sagt in ${conversation} die Nummer ${n}`;

export function createContact(options: ContactOptions) {
  const { name, history, messagesMax } = options;
  const text = options.text ?? numbered;
  const ids = Array.from({ length: options.conversations }, () => uuid());
  const written = new Map(ids.map((id) => [id, 0]));
  const timers = new Set<NodeJS.Timeout>();
  let token: string | undefined;
  let epoch: string | undefined;
  let isDone = false;
  let isClosed = false;

  const person = createPerson({
    ...options,
    role: 'contact',
    hello: (views) => ({
      t: 'hello',
      protocol: PROTOCOL_VERSION,
      as: 'contact',
      language: 'de',
      resume: views.lastSeqs(),
      ...(token && { token }),
      ...(epoch && { epoch }),
    }),
    onFrame: (frame) => {
      if (frame.t === 'welcome') {
        token = frame.contact?.token ?? token;
        epoch = frame.epoch;
      }
      if (frame.t === 'ack') later(frame.conversation);
    },
  });

  /** After the outbox has let the acked command go. */
  function later(conversation: string): void {
    if (options.pauseMs === 0) return queueMicrotask(() => fill(conversation));
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        fill(conversation);
      },
      options.pauseMs * (0.5 + options.random()),
    );
    timers.add(timer);
  }

  function fill(conversation: string): void {
    if (isClosed || !options.isWriting()) return;
    const waits = person.pending().filter((item) => item.command.conversation === conversation);
    let room = options.backlog - waits.length;
    let n = written.get(conversation) ?? messagesMax;
    for (; room > 0 && n < messagesMax; room--, n++) say(conversation, n);
    written.set(conversation, n);
    if (!isDone && person.pending().length === 0 && ids.every(isFull)) {
      isDone = true;
      options.onDone?.(self);
    }
  }

  /** Goes on after a pause or a reload: no ack is to come that would. */
  function resume(): void {
    for (const id of ids) fill(id);
  }

  const isFull = (id: string): boolean => (written.get(id) ?? 0) >= messagesMax;

  function say(conversation: string, n: number): void {
    const words = text(name, ids.indexOf(conversation), n);
    const cid = person.command({ type: 'message.send', conversation, text: words });
    history.invoke({ cid, conversation, sender: name, kind: 'message.sent', text: words });
  }

  for (const conversation of ids) {
    person.command({ type: 'conversation.open', conversation, language: 'de' });
    if (options.wantsPerson) person.command({ type: 'human.request', conversation });
  }

  const self = Object.freeze({
    ...person,
    conversations: (): readonly string[] => ids,
    resume,
    reload: (): void => {
      person.reload();
      resume();
    },
    close: (): void => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      person.close();
    },
  });
  return self;
}
