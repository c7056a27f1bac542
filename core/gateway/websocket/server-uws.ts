/**
 * WebSockets by uWebSockets.js on a port of its own, where its native binary loads.
 * Relies on version 20 of that library, an optional peer dependency described here by the little
 * that is used. Never `publish`: it skips slow readers silently, and G6 forbids that.
 */
import { STATUS_CODES } from 'node:http';
import { createRequire } from 'node:module';
import { SOCKET_BUFFER_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import type { OutgoingSocket, SocketLimits, SocketSet, Wire } from './adapter.ts';
import { createSocketSet, handshakeFault, plainAddress, SOCKET_LIMITS } from './adapter.ts';
import type { SocketHandler, SocketServer, Upgrade } from './socket.ts';

/**
 * Far beyond `SILENCE_MAX_MS`: never felt by the living. With 0 the library would also wait for
 * ever for a peer who vanishes while our close frame is under way.
 */
const IDLE_TIMEOUT_SECONDS = 120;
/**
 * Far above any one text of ours: pages and lists are cut to fit the buffer. One text may wait for
 * a reader who has taken all before it, and past its limit the library drops even a close frame.
 */
const LARGEST_TEXT_BYTES = 16 * SOCKET_BUFFER_MAX_BYTES;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type UwsSocket = {
  getUserData(): UserData;
  getBufferedAmount(): number;
  send(message: Uint8Array, isBinary: boolean, compress: boolean): number;
  end(code: number, reason: Uint8Array): void;
  cork(call: () => void): UwsSocket;
};
type UserData = { upgrade: Upgrade; outgoing?: OutgoingSocket };
type UwsRequest = {
  getHeader(name: string): string;
  getUrl(): string;
  getMethod(): string;
};
type UwsResponse = {
  getRemoteAddressAsText(): ArrayBuffer;
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body: string, closeConnection: boolean): UwsResponse;
  upgrade(data: UserData, key: string, protocol: string, extensions: string, context: object): void;
};
type UwsBehavior = {
  compression: number;
  maxPayloadLength: number;
  maxBackpressure: number;
  closeOnBackpressureLimit: boolean;
  idleTimeout: number;
  sendPingsAutomatically: boolean;
  upgrade(response: UwsResponse, request: UwsRequest, context: object): void;
  open(socket: UwsSocket): void;
  message(socket: UwsSocket, message: ArrayBuffer, isBinary: boolean): void;
  ping(socket: UwsSocket): void;
  close(socket: UwsSocket, code: number, message: ArrayBuffer): void;
};
type UwsApp = {
  ws(pattern: string, behavior: UwsBehavior): UwsApp;
  any(pattern: string, handle: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  listen(
    host: string,
    port: number,
    options: number,
    done: (token: object | false) => void,
  ): UwsApp;
};
export type UwsModule = {
  App(): UwsApp;
  DISABLED: number;
  LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  us_listen_socket_close(token: object): void;
  us_socket_local_port(token: object): number;
};

/** The library, or in one sentence why it cannot be had here. */
export async function loadUws(
  name = 'uWebSockets.js',
): Promise<{ module: UwsModule } | { reason: string }> {
  try {
    return { module: createRequire(import.meta.url)(name) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const glibc = /GLIBC_([\d.]+)' not found/.exec(message)?.[1];
  if (glibc !== undefined) {
    return `uWebSockets.js needs glibc ${glibc} or newer, this system has an older one.`;
  }
  if (message.includes('uWS.js supports only')) {
    const { platform, arch, versions } = process;
    const here = `${platform} ${arch}, Node ${versions.node} (ABI ${versions.modules})`;
    return `uWebSockets.js has no binary for ${here}.`;
  }
  const isMissing = error instanceof Error && 'code' in error && /NOT_FOUND/.test(`${error.code}`);
  if (isMissing) return 'uWebSockets.js is not installed.';
  return `uWebSockets.js could not be loaded: ${message.split('\n', 1)[0]}`;
}

export type UwsOptions = {
  module: UwsModule;
  host: string;
  /** 0 for any free one. */
  port: number;
  path: string;
  handler: SocketHandler;
  limits?: SocketLimits;
  onTrouble?: (error: unknown) => void;
};

/** Throws when the port is taken. */
export async function createUwsServer(
  options: UwsOptions,
): Promise<SocketServer & { port: number }> {
  const { module, host, port, path, handler, limits = SOCKET_LIMITS } = options;
  const sockets = createSocketSet(handler, limits, options.onTrouble);
  let isClosing = false;

  const app = module.App();
  app.ws(path, {
    compression: module.DISABLED,
    ...limitsOf(limits),
    ...callbacksOf(sockets, limits),
    upgrade(response, request, context) {
      const upgrade = upgradeOf(response, request);
      const status = isClosing ? 503 : (faultOf(request) ?? sockets.admit(upgrade));
      if (status !== undefined) return refuse(response, status);
      response.upgrade({ upgrade }, request.getHeader('sec-websocket-key'), '', '', context);
    },
  });
  app.any('/*', (response, request) => {
    refuse(response, request.getUrl() === path ? (faultOf(request) ?? 400) : 404);
  });

  const token = await new Promise<object>((resolve, reject) => {
    app.listen(host, port, module.LIBUS_LISTEN_EXCLUSIVE_PORT, (listening) => {
      if (listening) resolve(listening);
      else reject(new Error(`cannot listen on ${host}:${port}, the port is taken or not allowed`));
    });
  });
  return Object.freeze({
    library: 'uWebSockets.js' as const,
    port: module.us_socket_local_port(token),
    bufferedBytes: () => sockets.bufferedBytes(),
    async close(): Promise<void> {
      if (!isClosing) module.us_listen_socket_close(token);
      isClosing = true;
      sockets.closeAll();
    },
  });
}

/**
 * The library cuts the line without a word where it finds a limit passed. So that clients hear our
 * codes its limits lie above ours, as a second net, and ours are checked here.
 */
const limitsOf = (limits: SocketLimits) => ({
  maxPayloadLength: 2 * limits.frameMaxBytes,
  maxBackpressure: limits.bufferMaxBytes + LARGEST_TEXT_BYTES,
  closeOnBackpressureLimit: true,
  idleTimeout: IDLE_TIMEOUT_SECONDS,
  sendPingsAutomatically: false,
});

/** What the library says when it cuts the line, and the code that `ws` would have sent. */
const FAULTS: Record<string, number> = {
  'Received too big message': CLOSE.frame_too_large,
  'Received invalid UTF-8': 1007,
  'Received invalid close payload': 1002,
  'Received invalid WebSocket frame': 1002,
};

function callbacksOf(sockets: SocketSet, limits: SocketLimits) {
  return {
    open(socket: UwsSocket): void {
      const data = socket.getUserData();
      data.outgoing = sockets.opened(data.upgrade, wireOf(socket));
    },
    /** `bytes` belongs to the library and is gone after this call: the text is a copy. */
    message(socket: UwsSocket, bytes: ArrayBuffer, isBinary: boolean): void {
      const { outgoing } = socket.getUserData();
      if (outgoing === undefined) return;
      if (bytes.byteLength > limits.frameMaxBytes) outgoing.close(CLOSE.frame_too_large, '');
      else if (isBinary) outgoing.close(CLOSE.frame_malformed, 'text only');
      else {
        const text = textOf(bytes);
        if (text === undefined) outgoing.close(1007, '');
        else outgoing.received(text);
      }
      /** Answers go out in the library's cork, so also before the answer to a close frame. */
      outgoing.writeCollected();
    },
    ping: (socket: UwsSocket): void => socket.getUserData().outgoing?.ponged(),
    close(socket: UwsSocket, code: number, message: ArrayBuffer): void {
      const fault = code === 1006 ? FAULTS[Buffer.from(message).toString()] : undefined;
      socket.getUserData().outgoing?.gone(fault ?? code);
    },
  };
}

/** The library has checked it already; that is a promise of its build, this one is ours. */
function textOf(bytes: ArrayBuffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Never hands over a string: since 20.63 under Node 24 those within Latin-1 go out as Latin-1, and
 * "Grüße" arrives broken (uWebSockets.js#1280, seen here too).
 */
function wireOf(socket: UwsSocket): Wire {
  return {
    buffered: () => socket.getBufferedAmount(),
    write(texts) {
      socket.cork(() => {
        for (const text of texts) socket.send(Buffer.from(text), false, false);
      });
    },
    end: (code, reason) => socket.end(code, Buffer.from(reason)),
  };
}

function upgradeOf(response: UwsResponse, request: UwsRequest): Upgrade {
  const header = (name: string) => request.getHeader(name) || undefined;
  return {
    path: request.getUrl(),
    origin: header('origin'),
    host: header('host'),
    cookie: header('cookie'),
    address: plainAddress(Buffer.from(response.getRemoteAddressAsText()).toString()),
  };
}

const faultOf = (request: UwsRequest): number | undefined =>
  handshakeFault({
    method: request.getMethod(),
    connection: request.getHeader('connection') || undefined,
    upgrade: request.getHeader('upgrade') || undefined,
    key: request.getHeader('sec-websocket-key') || undefined,
    version: request.getHeader('sec-websocket-version') || undefined,
  });

function refuse(response: UwsResponse, status: number): void {
  const text = STATUS_CODES[status] ?? 'Refused';
  response.writeStatus(`${status} ${text}`).writeHeader('Content-Type', 'text/plain');
  if (status === 426) {
    response.writeHeader('Sec-WebSocket-Version', '13').writeHeader('Upgrade', 'websocket');
  }
  response.end(text, true);
}
