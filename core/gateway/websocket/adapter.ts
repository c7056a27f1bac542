/**
 * What both WebSocket adapters share, so that they cannot differ: the check of the handshake, the
 * order of sending and closing, the limits. Relies on a `Wire` from the library; knows no library.
 * Within one loop turn everything sent to a socket is collected and written by one call.
 */
import { strict as assert } from 'node:assert';
import { isIPv6, SocketAddress } from 'node:net';
import {
  FRAGMENTS_MAX,
  FRAME_CHUNKS_MAX,
  FRAME_MAX_BYTES,
  SOCKET_BUFFER_MAX_BYTES,
  SOCKET_CLOSE_WITHIN_MS,
} from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import type { Socket, SocketHandler, Upgrade } from './socket.ts';

export type SocketLimits = {
  /** Largest message accepted; one byte more closes with `CLOSE.frame_too_large`. */
  frameMaxBytes: number;
  /**
   * Bytes that wait in this process. The kernel's send buffer comes before: up to 4 MiB for a
   * reader who has stopped (`net.ipv4.tcp_wmem`), which neither Node nor uWebSockets.js can bound.
   */
  bufferMaxBytes: number;
  /** Frames of one message, empty ones included. Browsers send one, seldom a few. */
  fragmentsMax: number;
  /** Pieces in which one frame may arrive: what a byte-by-byte writer can make us keep. */
  chunksMax: number;
  /** How long a peer may take to answer our close frame before the line is cut. */
  closeWithinMs: number;
};

export const SOCKET_LIMITS: SocketLimits = {
  frameMaxBytes: FRAME_MAX_BYTES,
  bufferMaxBytes: SOCKET_BUFFER_MAX_BYTES,
  fragmentsMax: FRAGMENTS_MAX,
  chunksMax: FRAME_CHUNKS_MAX,
  closeWithinMs: SOCKET_CLOSE_WITHIN_MS,
};

/** RFC 6455: something unexpected on our side. Clients connect again. */
const INTERNAL_ERROR = 1011;
const GOING_AWAY = 1001;
const FRAME_HEADER_MAX_BYTES = 10;
const REASON_MAX_BYTES = 123;

type Handshake = {
  method: string;
  /** Tokens behind commas: Firefox says "keep-alive, Upgrade". */
  connection: string | undefined;
  upgrade: string | undefined;
  key: string | undefined;
  version: string | undefined;
};

/** The status that refuses a malformed handshake (RFC 6455, 4.2.1); undefined when it is sound. */
export function handshakeFault(handshake: Handshake): number | undefined {
  if (handshake.method.toUpperCase() !== 'GET') return 405;
  if (!/(^|[,\s])upgrade($|[,\s])/i.test(handshake.connection ?? '')) return 400;
  if (handshake.upgrade?.toLowerCase() !== 'websocket') return 400;
  if (!/^[+/0-9A-Za-z]{22}==$/.test(handshake.key ?? '')) return 400;
  return handshake.version === '13' ? undefined : 426;
}

/** One spelling per address, whichever library read it: limits count by it. */
export function plainAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return short.startsWith('::ffff:') && short.includes('.') ? short.slice(7) : short;
}

/** One connection as its library offers it. */
export type Wire = {
  /** Bytes accepted by `write` that the operating system has not taken yet. */
  buffered(): number;
  /** Text messages in order, in as few system calls as possible; `sizes` are their UTF-8 bytes. */
  write(texts: readonly string[], sizes: readonly number[]): void;
  /** A close frame behind everything written; the library sees to the end of the line. */
  end(code: number, reason: string): void;
};

export type SocketSet = ReturnType<typeof createSocketSet>;

/** All sockets of one server. `onTrouble` hears what a handler has thrown: a bug, not a client. */
export function createSocketSet(
  handler: SocketHandler,
  limits: SocketLimits,
  onTrouble: (error: unknown) => void = crash,
) {
  const open = new Set<OutgoingSocket>();
  let dirty: OutgoingSocket[] = [];

  function flush(): void {
    const sockets = dirty;
    dirty = [];
    for (const socket of sockets) socket.flush();
  }

  const set = Object.freeze({
    limits,
    opened(upgrade: Upgrade, wire: Wire): OutgoingSocket {
      const socket = new OutgoingSocket(upgrade, wire, set);
      open.add(socket);
      set.shielded(socket, () => handler.onOpen(socket));
      return socket;
    },
    admit(upgrade: Upgrade): number | undefined {
      try {
        return handler.admit(upgrade);
      } catch (error) {
        onTrouble(error);
        return 500;
      }
    },
    message(socket: OutgoingSocket, text: string): void {
      set.shielded(socket, () => handler.onMessage(socket, text));
    },
    gone(socket: OutgoingSocket, code: number): void {
      open.delete(socket);
      set.shielded(socket, () => handler.onClose(socket, code));
    },
    /** A message that makes a handler throw costs its sender the connection, nobody else. */
    shielded(socket: OutgoingSocket, call: () => void): void {
      try {
        call();
      } catch (error) {
        socket.close(INTERNAL_ERROR, 'internal error');
        onTrouble(error);
      }
    },
    /** Flushed after all callbacks of this loop turn, sockets in the order of their first send. */
    schedule(socket: OutgoingSocket): void {
      if (dirty.push(socket) === 1) setImmediate(flush);
    },
    bufferedBytes(): number {
      let bytes = 0;
      for (const socket of open) bytes += socket.bufferedBytes();
      return bytes;
    },
    closeAll(): void {
      for (const socket of open) socket.close(GOING_AWAY, 'server going away');
      flush();
    },
  });
  return set;
}

/** A class: there are thousands, and sending is the hot path. */
export class OutgoingSocket implements Socket {
  readonly upgrade: Upgrade;
  readonly #wire: Wire;
  readonly #set: SocketSet;
  #state: 'open' | 'closing' | 'gone' = 'open';
  #scheduled = false;
  #texts: string[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #code = 1006;
  #reason = '';

  constructor(upgrade: Upgrade, wire: Wire, set: SocketSet) {
    this.upgrade = upgrade;
    this.#wire = wire;
    this.#set = set;
  }

  send(text: string): void {
    if (this.#state !== 'open') return;
    const size = Buffer.byteLength(text);
    if (!this.#hasRoomFor(size)) {
      this.close(CLOSE.slow_reader_resume, 'slow reader');
      return;
    }
    this.#texts.push(text);
    this.#sizes.push(size);
    this.#bytes += size + FRAME_HEADER_MAX_BYTES;
    this.#schedule();
  }

  close(code: number, reason: string): void {
    assert(code === 1000 || code === 1001 || code === 1007 || code === 1011 || code >= 4000);
    assert(Buffer.byteLength(reason) <= REASON_MAX_BYTES, 'longer reasons fit into no close frame');
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#code = code;
    this.#reason = reason;
    this.#schedule();
  }

  bufferedBytes(): number {
    return this.#state === 'gone' ? 0 : this.#bytes + this.#wire.buffered();
  }

  /** From the library: a complete text. After our own `close` nobody is interested any more. */
  received(text: string): void {
    if (this.#state === 'open') this.#set.message(this, text);
  }

  /** From a library that answers pings without a limit: pongs that nobody reads count too (G6). */
  ponged(): void {
    if (this.#wire.buffered() > this.#set.limits.bufferMaxBytes) {
      this.close(CLOSE.slow_reader_resume, 'slow reader');
    }
  }

  /** Writes what has been collected and, when closing, the close frame behind it. */
  flush(): void {
    this.#scheduled = false;
    if (this.#state === 'gone') return;
    this.writeCollected();
    if (this.#state !== 'closing') return;
    this.#wire.end(this.#code, this.#reason);
    this.gone(this.#code);
  }

  writeCollected(): void {
    if (this.#texts.length === 0 || this.#state === 'gone') return;
    const texts = this.#texts;
    const sizes = this.#sizes;
    this.#texts = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#wire.write(texts, sizes);
  }

  /** From the library or from `flush`, whichever comes first; later calls mean nothing. */
  gone(code: number): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#texts = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#set.gone(this, code);
  }

  /**
   * I6. What was only collected is not the reader's fault: it is written before he is judged. One
   * message to a reader who has taken everything is never refused, or he would resume for ever.
   */
  #hasRoomFor(size: number): boolean {
    const frame = size + FRAME_HEADER_MAX_BYTES;
    const max = this.#set.limits.bufferMaxBytes;
    if (this.#bytes + this.#wire.buffered() + frame <= max) return true;
    this.writeCollected();
    const waiting = this.#wire.buffered();
    return waiting === 0 || waiting + frame <= max;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#set.schedule(this);
  }
}

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
