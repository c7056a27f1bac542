/**
 * The client's end of the wire: a line that always comes back and an outbox that empties in order.
 * `onFrame` sees every frame before the outbox does: a welcome can still change what is about to
 * be sent, and an ack can be noted before its command leaves `onOutbox` (the event that carries
 * its cid may come a moment later; show the message from the ack until then).
 */
import type { AgentCommand, ContactCommand } from '../../core/protocol/commands.ts';
import type { ClientFrame, ServerFrame } from '../../core/protocol/frames.ts';
import { browserEnvironment, type Environment } from './environment.ts';
import { type ConnectionStatus, Line } from './line.ts';
import { Outbox, type PendingCommand } from './outbox.ts';
import { uuid } from './uuid.ts';

export type { ConnectionStatus } from './line.ts';
export type { PendingCommand } from './outbox.ts';

export type ConnectionOptions = {
  /** '/socket' (same origin) or ws(s)://… */
  address: string;
  /** Asked for at every (re)connect: resume map, token, epoch. */
  hello: () => Extract<ClientFrame, { t: 'hello' }>;
  /** Every frame, acks and refusals included. */
  onFrame: (frame: ServerFrame) => void;
  onStatus: (status: ConnectionStatus, since: number) => void;
  onOutbox: (pending: readonly PendingCommand[]) => void;
  /** The server does not want this client again (close codes 4500-4999), e.g. signed out. */
  onRefused?: (code: number) => void;
  /** The outbox kept over a reload. */
  saved?: PendingCommand[];
  environment?: Environment;
};

export type Connection = ReturnType<typeof createConnection>;

export function createConnection(options: ConnectionOptions) {
  const environment = options.environment ?? browserEnvironment;
  const outbox = new Outbox({
    environment,
    deliver: ({ id, command }) => line.send({ t: 'command', id, command }),
    onChange: options.onOutbox,
    saved: options.saved ?? [],
  });
  const line = new Line({
    ...options,
    environment,
    onLive: () => outbox.flush(),
    onLost: () => outbox.lost(),
    onFrame: (frame) => {
      options.onFrame(frame);
      if (frame.t === 'ack') outbox.remove(frame.id);
      if (frame.t === 'refusal' && frame.id !== undefined) {
        outbox.refuse(frame.id, frame.code, frame.retryAfterMs);
      }
    },
  });
  line.open();

  return {
    /** Into the outbox; @returns its cid */
    command(command: ContactCommand | AgentCommand): string {
      const id = (environment.uuid ?? uuid)();
      outbox.add({ id, command, state: 'sending' });
      return id;
    },
    retry: (id: string): void => outbox.retry(id),
    discard: (id: string): void => outbox.remove(id),
    pending: (): readonly PendingCommand[] => outbox.pending(),
    /** Passing frames (signal, watch, availability): dropped when not live. */
    send(frame: ClientFrame): void {
      line.send(frame);
    },
    /** Reconnect and say hello again, e.g. because an event is missing. */
    renew: (): void => line.renew(),
    close: (): void => line.close(),
  };
}
