/**
 * The server side of the conformance suite: an adapter under test with a handler that echoes and
 * keeps account, above all of how often `onClose` came. Knows adapters only by their factory.
 */
import { expect, onTestFinished } from 'vitest';
import type { SocketLimits } from '#core/gateway/websocket/adapter.ts';
import type { Socket, SocketHandler, SocketServer } from '#core/gateway/websocket/socket.ts';
import { handshake, openRaw } from '#test/support/raw-websocket.ts';

/** What a library does not let us do; everything else must be the same. */
export type Difference =
  | 'skips frames that come before its answer'
  | 'cuts the line at a fault'
  | 'loses its last answers at a fault'
  | 'answers a wrong close without a code'
  | 'reads unmasked frames as masked'
  | 'does not count fragments';

export type Running = {
  server: SocketServer;
  port: number;
  /** Writes to the TCP sockets, where they can be counted; uncorked, each is a system call. */
  writes?: () => number;
  stop(): Promise<void>;
};

export type Adapter = {
  name: string;
  differs: ReadonlySet<Difference>;
  start(
    handler: SocketHandler,
    options?: { limits?: SocketLimits; onTrouble?: (error: unknown) => void },
  ): Promise<Running>;
};

type Visit = { socket: Socket; messages: string[]; closes: number[]; closed: Promise<number> };

export type Desk = Awaited<ReturnType<typeof openDesk>>;

export async function openDesk(adapter: Adapter, limits?: SocketLimits) {
  const visits = new Map<Socket, Visit & { resolve: (code: number) => void }>();
  const troubles: unknown[] = [];
  let opened = 0;
  let newest: Socket | undefined;

  const handler: SocketHandler = {
    admit(upgrade) {
      if (upgrade.origin === 'https://bug.example') throw new Error('bug in admit');
      return upgrade.origin === 'https://evil.example' ? 403 : undefined;
    },
    onOpen(socket) {
      opened += 1;
      newest = socket;
      const { promise, resolve } = Promise.withResolvers<number>();
      visits.set(socket, { socket, messages: [], closes: [], closed: promise, resolve });
    },
    onMessage(socket, message) {
      visits.get(socket)?.messages.push(message);
      if (message === 'bug') throw new Error('bug in onMessage');
      socket.send(message);
    },
    onClose(socket, code) {
      const visit = visits.get(socket);
      visit?.closes.push(code);
      visit?.resolve(code);
    },
  };
  const options = { onTrouble: (error: unknown) => troubles.push(error) };
  const running = await adapter.start(handler, limits ? { ...options, limits } : options);

  function visitOf(socket: Socket) {
    const visit = visits.get(socket);
    if (visit === undefined) throw new Error('never opened');
    return visit;
  }

  /** A good connection; when the test ends it must have been closed exactly once. */
  async function connect() {
    const raw = await openRaw(running.port, handshake('/socket'));
    expect(raw.status).toBe(101);
    if (newest === undefined) throw new Error('not opened');
    const visit = visitOf(newest);
    onTestFinished(async () => {
      raw.vanish();
      await visit.closed;
      await new Promise((resolve) => setImmediate(resolve));
      expect(visit.closes.length).toBe(1);
    });
    return { raw, socket: visit.socket, messages: visit.messages, closed: visit.closed };
  }

  return {
    port: running.port,
    server: running.server,
    writes: running.writes,
    stop: running.stop,
    connect,
    troubles,
    openedCount: () => opened,
    visit: visitOf,
    newest: () => newest ?? expect.fail('no socket was opened'),
    /** Somebody else's connection works, whatever the one under test has done. */
    async expectAlive(): Promise<void> {
      const raw = await openRaw(running.port, handshake('/socket'));
      raw.text('still there?');
      expect((await raw.next())?.payload.toString()).toBe('still there?');
      raw.vanish();
    },
  };
}
