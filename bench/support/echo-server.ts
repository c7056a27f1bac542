/**
 * The yardstick's process: sends back what it gets, over plain TCP, and over WebSockets with the
 * product's own adapter but nothing behind it. Tells its ports to its parent and ends with it.
 */
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createUwsServer, loadUws } from '#core/gateway/websocket/server-uws.ts';
import { createWsServer } from '#core/gateway/websocket/server-ws.ts';
import type { SocketHandler } from '#core/gateway/websocket/socket.ts';

export type EchoPorts = { tcp: number; socket: number };

const HOST = '127.0.0.1';
const PATH = '/socket';

const handler: SocketHandler = {
  admit: () => undefined,
  onOpen: () => {},
  onMessage: (socket, text) => socket.send(text),
  onClose: () => {},
};

async function listenTcp(): Promise<number> {
  const server = createTcpServer({ noDelay: true }, (line) => {
    line.on('error', () => line.destroy());
    line.on('data', (bytes) => line.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
}

async function listenSocket(library: string): Promise<number> {
  if (library === 'ws') {
    const httpServer = createServer();
    createWsServer({ httpServer, path: PATH, handler });
    await new Promise<void>((resolve) => httpServer.listen(0, HOST, resolve));
    return (httpServer.address() as AddressInfo).port;
  }
  const loaded = await loadUws();
  if (!('module' in loaded)) throw new Error(loaded.reason);
  const { module } = loaded;
  return (await createUwsServer({ module, host: HOST, port: 0, path: PATH, handler })).port;
}

const library = process.argv[2] ?? 'ws';
const ports: EchoPorts = { tcp: await listenTcp(), socket: await listenSocket(library) };
process.once('disconnect', () => process.exit(0));
process.send?.(ports);
