/**
 * A client with a known bug: its outbox sends everything at once and, after a reconnect, the newest
 * first. Otherwise the production line. Only `plants.ts` uses it.
 */
import { REFUSALS } from '#core/protocol/errors.ts';
import type { Connection, ConnectionOptions, PendingCommand } from '../../web/shared/connection.ts';
import type { Environment } from '../../web/shared/environment.ts';
import { Line } from '../../web/shared/line.ts';

export function createHurriedConnection(options: ConnectionOptions): Connection {
  const environment = options.environment as Environment;
  let items: readonly PendingCommand[] = options.saved ?? [];

  function set(next: readonly PendingCommand[]): void {
    items = next;
    options.onOutbox(items);
  }

  const send = ({ id, command }: PendingCommand): boolean =>
    line.send({ t: 'command', id, command });

  const without = (id: string): PendingCommand[] => items.filter((item) => item.id !== id);

  const line = new Line({
    ...options,
    environment,
    onLive: () => {
      for (const item of [...items].reverse()) if (item.state === 'sending') send(item);
    },
    onLost: () => undefined,
    onFrame: (frame) => {
      options.onFrame(frame);
      if (frame.t === 'ack') set(without(frame.id));
      if (frame.t !== 'refusal' || frame.id === undefined) return;
      const item = items.find(({ id }) => id === frame.id);
      if (item === undefined) return;
      if (REFUSALS[frame.code]?.retry) environment.later(1_000, () => send(item));
      else set(items.map((one) => (one === item ? { ...one, state: 'failed' } : one)));
    },
  });
  line.open();

  return {
    command(command) {
      const id = environment.uuid?.() ?? '';
      const item: PendingCommand = { id, command, state: 'sending' };
      set([...items, item]);
      send(item);
      return id;
    },
    retry: () => undefined,
    discard: (id) => set(without(id)),
    pending: () => items,
    send: (frame) => void line.send(frame),
    renew: () => line.renew(),
    close: () => line.close(),
  };
}
