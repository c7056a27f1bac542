/**
 * The surroundings of the production client outside a browser: `ws` sockets, real timers, seeded
 * chance; a wake-up and a broken line when the run wants them.
 */
import { WebSocket } from 'ws';
import type { Environment, SocketLike } from '../../../web/shared/environment.ts';

export type ClientEnvironment = ReturnType<typeof createClientEnvironment>;

/**
 * @param random 0 inclusive to 1 exclusive, e.g. of `seeded`
 * @param headers of the upgrade, e.g. the sign-in cookie
 * @param onText sees every text that comes in, before the client does
 */
export function createClientEnvironment(options: {
  random: () => number;
  headers?: Record<string, string>;
  onText?: (text: string) => void;
}) {
  const sockets = new Set<WebSocket>();
  const wakes = new Set<() => void>();
  const { headers = {}, onText } = options;

  function open(address: string): SocketLike {
    const socket = new WebSocket(address, { headers, perMessageDeflate: false });
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (onText) socket.on('message', (data) => onText(String(data)));
    return socket as unknown as SocketLike;
  }

  const environment: Environment = {
    open,
    now: () => Date.now(),
    random: options.random,
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onWake: (run) => {
      wakes.add(run);
      return () => wakes.delete(run);
    },
  };

  return Object.freeze({
    environment,
    /** As a browser does when the network is back or the page is looked at. */
    wake: (): void => {
      for (const run of [...wakes]) run();
    },
    /** Cuts every line without a closing handshake. */
    cut: (): void => {
      for (const socket of sockets) socket.terminate();
    },
    sockets: (): ReadonlySet<WebSocket> => sockets,
  });
}
