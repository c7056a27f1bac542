/**
 * WebSockets by `ws` on an existing HTTP server: the adapter that runs everywhere.
 * Relies on `ws` for reading frames and for the closing handshake. Text frames are written here,
 * all of one loop turn in one buffer: 4 times the throughput of `send` of `ws` with 16 messages in
 * flight, and 1.4 times that of `send` on a corked socket. Knows nothing of what the texts mean.
 */
import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, ServerOptions } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE } from '#core/protocol/errors.ts';
import type { OutgoingSocket, SocketLimits, SocketSet, Wire } from './adapter.ts';
import { createSocketSet, handshakeFault, plainAddress, SOCKET_LIMITS } from './adapter.ts';
import type { SocketHandler, SocketServer, Upgrade } from './socket.ts';

const TOO_LARGE = 1009;
const NO_CODE = 1005;
/** Pongs are small and past our count of waiting bytes; who reads none of so many is cut off. */
const UNREAD_PONGS_MAX = 60;

export type WsOptions = {
  httpServer: Server;
  path: string;
  handler: SocketHandler;
  limits?: SocketLimits;
  onTrouble?: (error: unknown) => void;
};

export function createWsServer(options: WsOptions): SocketServer {
  const { httpServer, path, handler, limits = SOCKET_LIMITS } = options;
  const sockets = createSocketSet(handler, limits, options.onTrouble);
  const server = new WebSocketServer(optionsOf(limits));
  let closing: Promise<void> | undefined;

  function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    const upgrade = upgradeOf(request);
    const status = closing === undefined ? refusal(request, upgrade) : 503;
    if (status !== undefined) {
      refuse(stream, status);
      return;
    }
    server.handleUpgrade(request, stream, head, (webSocket) => {
      webSocket.adopt(stream, upgrade, sockets);
    });
  }

  function refusal(request: IncomingMessage, upgrade: Upgrade): number | undefined {
    if (upgrade.path !== path) return 404;
    const { headers, method = '' } = request;
    const fault = handshakeFault({
      method,
      connection: headers.connection,
      upgrade: headers.upgrade,
      key: headers['sec-websocket-key'],
      version: headers['sec-websocket-version'],
    });
    return fault ?? sockets.admit(upgrade);
  }

  httpServer.on('upgrade', onUpgrade);
  return Object.freeze({
    library: 'ws' as const,
    bufferedBytes: () => sockets.bufferedBytes(),
    /** The HTTP server belongs to somebody else and keeps listening; upgrades get 503. */
    close(): Promise<void> {
      closing ??= new Promise((resolve) => {
        sockets.closeAll();
        server.close(() => resolve());
      });
      return closing;
    },
  });
}

type Options = ServerOptions<typeof PromptWebSocket, typeof IncomingMessage>;
/** Known to `ws` 8.23, not yet to its types. */
type NewerOptions = {
  maxFragments: number;
  maxBufferedChunks: number;
  maxPendingAutoPongs: number;
  closeTimeout: number;
};

const optionsOf = (limits: SocketLimits): Options & NewerOptions => ({
  noServer: true,
  WebSocket: PromptWebSocket,
  perMessageDeflate: false,
  maxPayload: limits.frameMaxBytes,
  maxFragments: limits.fragmentsMax,
  maxBufferedChunks: limits.chunksMax,
  maxPendingAutoPongs: UNREAD_PONGS_MAX,
  closeTimeout: limits.closeWithinMs,
  /** No subprotocol is spoken, so none is promised. */
  handleProtocols: () => false,
});

/**
 * Tells of the end when the closing handshake begins, not when the peer has let go of the line.
 * Is its own wire, with shared listeners: there are ten thousand, and closures would weigh most.
 */
class PromptWebSocket extends WebSocket implements Wire {
  #line: Duplex | undefined;
  outgoing: OutgoingSocket | undefined;

  adopt(line: Duplex, upgrade: Upgrade, set: SocketSet): void {
    this.#line = line;
    /** Every fault ends in `close` as well; without this listener it would end the process. */
    this.on('error', nothing);
    this.on('close', onGone);
    this.on('message', onMessage);
    this.outgoing = set.opened(upgrade, this);
  }

  /** Also what `ws` itself calls: with a peer's code and reason, or with its code for a fault. */
  override close(code?: number, reason?: string | Buffer): void {
    const isFault = reason === undefined;
    const meant = isFault && code === TOO_LARGE ? CLOSE.frame_too_large : code;
    if (this.readyState === WebSocket.OPEN) {
      /** Answers to messages that came before the peer's close frame still go out before ours. */
      this.outgoing?.writeCollected();
      this.outgoing?.gone(meant ?? NO_CODE);
    }
    super.close(meant, reason);
  }

  buffered(): number {
    return this.#line?.writableLength ?? 0;
  }

  write(texts: readonly string[], sizes: readonly number[]): void {
    if (this.readyState === WebSocket.OPEN) this.#line?.write(framesOf(texts, sizes));
  }

  end(code: number, reason: string): void {
    this.close(code, reason);
  }
}

const nothing = (): void => undefined;

function onGone(this: WebSocket, code: number): void {
  (this as PromptWebSocket).outgoing?.gone(code);
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const { outgoing } = this as PromptWebSocket;
  if (isBinary) outgoing?.close(CLOSE.frame_malformed, 'text only');
  else outgoing?.received(data.toString());
}

/** Unmasked text frames, one after the other (RFC 6455, 5.2). */
function framesOf(texts: readonly string[], sizes: readonly number[]): Buffer {
  let total = 0;
  for (const size of sizes) total += headerBytes(size) + size;
  const frames = Buffer.allocUnsafe(total);
  let at = 0;
  for (const [i, text] of texts.entries()) {
    const size = sizes[i] ?? 0;
    at = writeHeader(frames, at, size);
    at += frames.write(text, at);
  }
  return frames;
}

const headerBytes = (size: number): number => (size < 126 ? 2 : size < 65_536 ? 4 : 10);

function writeHeader(frames: Buffer, at: number, size: number): number {
  frames[at] = 0x81;
  if (size < 126) {
    frames[at + 1] = size;
    return at + 2;
  }
  if (size < 65_536) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(size, at + 2);
  }
  frames[at + 1] = 127;
  frames.writeUInt32BE(0, at + 2);
  return frames.writeUInt32BE(size, at + 6);
}

function upgradeOf(request: IncomingMessage): Upgrade {
  const { headers, socket, url = '/' } = request;
  const query = url.indexOf('?');
  return {
    path: query === -1 ? url : url.slice(0, query),
    origin: headers.origin,
    host: headers.host,
    cookie: headers.cookie,
    address: plainAddress(socket.remoteAddress ?? ''),
  };
}

function refuse(stream: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? 'Refused';
  const version = status === 426 ? 'Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n' : '';
  stream.once('finish', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `${version}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
