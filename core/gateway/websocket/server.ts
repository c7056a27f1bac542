/**
 * Chooses the WebSocket library: uWebSockets.js where its binary loads and it is wanted, else `ws`
 * on the HTTP port. Says which one runs and, when it is not uWebSockets.js, why.
 */
import type { Server } from 'node:http';
import type { Config } from '#core/platform/config.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import { createUwsServer, loadUws } from './server-uws.ts';
import { createWsServer } from './server-ws.ts';
import type { SocketHandler, SocketServer } from './socket.ts';

const SOCKET_PATH = '/socket';

export type OpenSocketServer = SocketServer & {
  /** As a browser reaches it that came to `host`: a path on the same origin, or a full address. */
  address(host: string | undefined): string;
  /** Why uWebSockets.js does not run, or undefined when it does. */
  why: string | undefined;
};

/** @throws Error when `TRESEN_SOCKET=uws` and it cannot be had: what was asked for, or nothing */
export async function openSocketServer(options: {
  config: Config;
  httpServer: Server;
  handler: SocketHandler;
  log: Log;
}): Promise<OpenSocketServer> {
  const { config, httpServer, handler, log } = options;
  const onTrouble = (error: unknown): void => log.error('socket trouble', errorFields(error));
  const why = await uwsOrWhyNot();
  if (typeof why === 'object') {
    const server = await createUwsServer({
      module: why.module,
      host: config.TRESEN_HOST,
      port: config.TRESEN_SOCKET_PORT,
      path: SOCKET_PATH,
      handler,
      onTrouble,
    });
    const address = (host = 'localhost'): string =>
      `ws://${host.replace(/:\d+$/, '')}:${server.port}${SOCKET_PATH}`;
    return { ...server, address, why: undefined };
  }
  if (config.TRESEN_SOCKET === 'uws') throw new Error(why);
  const server = createWsServer({ httpServer, path: SOCKET_PATH, handler, onTrouble });
  return { ...server, address: () => SOCKET_PATH, why };

  async function uwsOrWhyNot() {
    if (config.TRESEN_SOCKET === 'ws') return 'TRESEN_SOCKET=ws was asked for.';
    const loaded = await loadUws();
    return 'module' in loaded ? loaded : loaded.reason;
  }
}
