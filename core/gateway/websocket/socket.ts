/**
 * What a WebSocket is to Tresen, whichever library carries it: text in, text out, close.
 * Relies on: one adapter (`server-ws.ts` or `server-uws.ts`). Knows no frame and no person.
 */

export type Upgrade = {
  /** Path of the request, without query. */
  path: string;
  origin: string | undefined;
  host: string | undefined;
  cookie: string | undefined;
  /** Peer address as the operating system tells it. */
  address: string;
};

export type Socket = {
  readonly upgrade: Upgrade;
  /**
   * Queues one text message; written together with all others of this loop turn.
   * Never drops: when more than `SOCKET_BUFFER_MAX_BYTES` wait in the socket it is closed with
   * `CLOSE.slow_reader_resume`, and the client resumes from what it has. No-op once closed.
   */
  send(text: string): void;
  /** Orderly closing handshake; no-op once closed. */
  close(code: number, reason: string): void;
};

/** Everything a server tells about its sockets; `onMessage` sees complete UTF-8 text only. */
export type SocketHandler = {
  /** Before the upgrade is answered: undefined to accept, else the HTTP status to refuse with. */
  admit(upgrade: Upgrade): number | undefined;
  onOpen(socket: Socket): void;
  onMessage(socket: Socket, text: string): void;
  /** Exactly once per opened socket, whoever closed it; `code` 1006 when the line just broke. */
  onClose(socket: Socket, code: number): void;
};

export type SocketServer = {
  readonly library: 'ws' | 'uWebSockets.js';
  /** Sum of bytes waiting in all sockets. */
  bufferedBytes(): number;
  /** Closes every socket with 1001 and stops accepting; resolves when all are gone. */
  close(): Promise<void>;
};
