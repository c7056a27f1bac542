/**
 * What contact and agent of a fleet share: the production client over `ws`, its frames noted in
 * the history, its folded views. Writes nothing by itself.
 */
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import { REFUSALS } from '#core/protocol/errors.ts';
import type { ClientFrame, ServerFrame } from '#core/protocol/frames.ts';
import {
  type ConnectionStatus,
  createConnection,
  type PendingCommand,
} from '../../../web/shared/connection.ts';
import { createConversations } from '../../../web/shared/conversations.ts';
import { type ClientEnvironment, createClientEnvironment } from './environment.ts';
import { type History, NOTE_MARK, type Role } from './history.ts';

export type Person = ReturnType<typeof createPerson>;

type Hello = Extract<ClientFrame, { t: 'hello' }>;

export type PersonOptions = {
  name: string;
  role: Role;
  /** ws://…/socket */
  address: string;
  history: History;
  random: () => number;
  headers?: Record<string, string>;
  hello: (views: ReturnType<typeof createConversations>) => Hello;
  /** Events of other conversations are what was on its way when the reader left. */
  wants?: (conversation: string) => boolean;
  onFrame?: (frame: ServerFrame) => void;
  onStatus?: (status: ConnectionStatus) => void;
};

/** @returns a person whose client is running; `reload` replaces the client as a reload does */
export function createPerson(options: PersonOptions) {
  const { name, role, history, address } = options;
  const watchedText = (text: string): void => {
    if (text.includes(NOTE_MARK)) history.leak(`${name} received ${text.slice(0, 200)}`);
  };
  const surroundings: ClientEnvironment = createClientEnvironment({
    random: options.random,
    ...(options.headers && { headers: options.headers }),
    ...(role === 'contact' && { onText: watchedText }),
  });
  let status: ConnectionStatus = 'connecting';
  let refusedWith: number | undefined;
  let client = start([]);

  function start(saved: PendingCommand[]) {
    const views = createConversations({ onGap });
    let pending: readonly PendingCommand[] = saved;
    const connection = createConnection({
      address,
      environment: surroundings.environment,
      saved,
      hello: () => options.hello(views),
      onFrame: (frame) => take(views, frame),
      onOutbox: (items) => {
        pending = items;
      },
      onStatus: (next) => {
        status = next;
        options.onStatus?.(next);
      },
      onRefused: (code) => {
        refusedWith = code;
      },
    });
    return { views, connection, pending: () => pending };
  }

  function onGap(conversation: string, after: number): void {
    history.wireGap(`${name} in ${conversation} after ${after}`);
    if (role === 'contact') client.connection.renew();
    else client.connection.send({ t: 'watch', conversation, after });
  }

  function take(views: ReturnType<typeof createConversations>, frame: ServerFrame): void {
    if (frame.t === 'ack') history.ok(frame.id, frame.conversation, frame.seq);
    if (frame.t === 'refusal') history.refused(frame.id, frame.code);
    if (frame.t === 'reset') history.reset();
    if (frame.t === 'events') {
      history.saw(frame.conversation, frame.events.at(-1)?.seq ?? 0);
    }
    const isWanted = frame.t !== 'events' || (options.wants?.(frame.conversation) ?? true);
    if (isWanted) views.take(frame);
    options.onFrame?.(frame);
    // What was refused for good must not stay in the outbox of a client that nobody looks at.
    if (frame.t !== 'refusal' || frame.id === undefined || REFUSALS[frame.code].retry) return;
    const { id } = frame;
    queueMicrotask(() => client.connection.discard(id));
  }

  function record(isFinal: boolean, only?: string): void {
    for (const conversation of only === undefined ? client.views.ids() : [only]) {
      const held = client.views.get(conversation);
      if (held) history.view({ reader: name, role, conversation, ...held, isFinal });
    }
  }

  return Object.freeze({
    name,
    /** @returns its cid */
    command: (command: ContactCommand | AgentCommand): string => client.connection.command(command),
    send: (frame: ClientFrame): void => client.connection.send(frame),
    views: () => client.views,
    pending: () => client.pending(),
    status: () => status,
    /** The close code after which this client stays away, e.g. 4502 (signed out). */
    refusedWith: () => refusedWith,
    wake: surroundings.wake,
    cut: surroundings.cut,
    sockets: surroundings.sockets,
    record,
    /** The page is loaded again: views are gone, the outbox comes from where it was kept. */
    reload: (): void => {
      record(false);
      const saved = JSON.parse(JSON.stringify(client.pending())) as PendingCommand[];
      client.connection.close();
      client = start(saved);
    },
    close: (): void => {
      client.connection.close();
      surroundings.cut();
    },
  });
}
