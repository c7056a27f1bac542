/**
 * One connection from open to close: hello first, then frames; silence, floods and nonsense end
 * it. What the frames mean is decided by the person behind it (`contact-peer`, `agent-peer`).
 */
import type { Clock } from '#core/platform/clock.ts';
import {
  BUSY_RETRY_MS,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  HELLO_WITHIN_MS,
  SILENCE_MAX_MS,
} from '#core/platform/limits.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import { CLOSE, type Refusal } from '#core/protocol/errors.ts';
import {
  type HelloFrame,
  type ParsedFrame,
  PROTOCOL_VERSION,
  parseAgentFrame,
  parseContactFrame,
  type ServerFrame,
} from '#core/protocol/frames.ts';
import type { Bucket } from '../rate-limit.ts';
import { createInbox } from './inbox.ts';
import type { Socket, SocketHandler, Upgrade } from './socket.ts';

/** A person behind a connection, after hello. */
export type Peer = {
  kind: 'contact' | 'agent';
  parse(text: string): ParsedFrame<unknown>;
  /** A checked frame other than hello and ping. */
  onFrame(frame: unknown): void | Promise<void>;
  /** Whoever only listens still pings: a sign-in may have ended meanwhile. */
  onPing?(): void;
  onClose(): void;
  bucket: Bucket;
};

type Connection = {
  peer?: Peer;
  openedAt: number;
  lastSeen: number;
  mistakes: number;
  greeted: boolean;
  frames: Bucket;
};

type Arrival = { socket: Socket; connection: Connection; text: string };

/** As our clients write it: most of what idle connections say needs no schema. */
const PING = '{"t":"ping"}';
const PONG = JSON.stringify({ t: 'pong' } satisfies ServerFrame);
const MISTAKES_MAX = 10;
const SWEEP_MS = 1_000;

export function createConnections(deps: {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  bucket: (burst: number, perSecond: number) => Bucket;
  nextTurn: () => Promise<void>;
  /** Is the disk so far behind that new commands would come late? */
  isBehind: () => boolean;
  admit: (upgrade: Upgrade) => number | undefined;
  welcome: (socket: Socket, hello: HelloFrame) => Promise<Peer | Refusal>;
}): SocketHandler & { stop(): void } {
  const { clock, log, metrics } = deps;
  const open = new Map<Socket, Connection>();
  const inbox = createInbox<Arrival>({ ...deps, take: takeUp, full: turnAway });
  let cancelSweep = clock.after(SWEEP_MS, sweep);

  /** One timer for all: closes those that are silent or never said hello. */
  function sweep(): void {
    const now = clock.elapsed();
    for (const [socket, connection] of open) {
      // Pings keep a connection alive, but do not stand for a hello.
      const { greeted, lastSeen, openedAt } = connection;
      const limit = greeted ? SILENCE_MAX_MS : HELLO_WITHIN_MS;
      if (now - (greeted ? lastSeen : openedAt) <= limit) continue;
      const code = greeted ? CLOSE.heartbeat_lost : CLOSE.hello_missing;
      socket.close(code, greeted ? 'silent for too long' : 'no hello');
    }
    cancelSweep = clock.after(SWEEP_MS, sweep);
  }

  function onOpen(socket: Socket): void {
    const openedAt = clock.elapsed();
    const frames = deps.bucket(FRAME_BURST, FRAMES_PER_SECOND);
    open.set(socket, { openedAt, lastSeen: openedAt, mistakes: 0, greeted: false, frames });
    metrics.connections.inc({ kind: 'all' });
  }

  function onMessage(socket: Socket, text: string): void {
    const connection = open.get(socket);
    if (connection === undefined) return;
    connection.lastSeen = clock.elapsed();
    if (!connection.frames.take()) return mistake(socket, connection);
    inbox.add({ socket, connection, text });
  }

  function takeUp({ socket, connection, text }: Arrival, isLate: boolean): void {
    const id = isLate || deps.isBehind() ? commandId(text) : undefined;
    if (id !== undefined) return refuseBusy(socket, id);
    handle(socket, connection, text).catch((error) => {
      log.error('frame failed', errorFields(error));
      socket.close(CLOSE.internal_error, 'internal error');
    });
  }

  /** A command is refused; what cannot be refused ends the connection, and the client resumes. */
  function turnAway({ socket, text }: Arrival): void {
    const id = commandId(text);
    if (id === undefined) socket.close(CLOSE.busy, 'too much to do');
    else refuseBusy(socket, id);
  }

  function refuseBusy(socket: Socket, id: string): void {
    metrics.refusals.inc({ code: 'busy' });
    send(socket, { t: 'refusal', id, code: 'busy', retryAfterMs: BUSY_RETRY_MS });
  }

  /** Too many of them are no accident. */
  function mistake(socket: Socket, connection: Connection): void {
    connection.mistakes++;
    if (connection.mistakes < MISTAKES_MAX) return;
    socket.close(CLOSE.frame_malformed, 'too many malformed frames');
  }

  async function handle(socket: Socket, connection: Connection, text: string): Promise<void> {
    const { peer } = connection;
    if (text === PING) return pong(socket, peer);
    const parsed = peer ? peer.parse(text) : parseHello(text);
    if (!parsed.ok) {
      const { code, id, detail } = parsed;
      metrics.refusals.inc({ code });
      send(socket, { t: 'refusal', code, ...(id && { id }), ...(detail && { detail }) });
      // A command refused for its content is no attack; a stream of them is.
      if (id === undefined || !peer?.bucket.take()) mistake(socket, connection);
      return;
    }
    const frame = parsed.frame as { t: string; id?: string };
    if (frame.t === 'ping') return pong(socket, peer);
    if (peer === undefined) return greet(socket, connection, parsed.frame as HelloFrame);
    if (frame.t === 'hello') return send(socket, { t: 'refusal', code: 'frame_unknown' });
    if (frame.t !== 'command') return peer.onFrame(frame);
    return obey(socket, peer, { ...frame, id: frame.id ?? '' });
  }

  function pong(socket: Socket, peer: Peer | undefined): void {
    peer?.onPing?.();
    socket.send(PONG);
  }

  /** A command is answered under its id, whatever happens. */
  async function obey(socket: Socket, peer: Peer, frame: { t: string; id: string }): Promise<void> {
    const { id } = frame;
    if (!peer.bucket.take()) {
      metrics.refusals.inc({ code: 'rate_limited' });
      const retryAfterMs = peer.bucket.waitMs();
      return send(socket, { t: 'refusal', id, code: 'rate_limited', retryAfterMs });
    }
    try {
      await peer.onFrame(frame);
    } catch (error) {
      log.error('command failed', errorFields(error));
      metrics.refusals.inc({ code: 'store_unavailable' });
      send(socket, { t: 'refusal', id, code: 'store_unavailable' });
    }
  }

  async function greet(socket: Socket, connection: Connection, hello: HelloFrame): Promise<void> {
    if (connection.greeted) return;
    if (hello.protocol !== PROTOCOL_VERSION) {
      send(socket, { t: 'refusal', code: 'protocol_unsupported' });
      return socket.close(CLOSE.protocol_unsupported, 'this server speaks another protocol');
    }
    connection.greeted = true;
    const peer = await deps.welcome(socket, hello);
    if ('refused' in peer) {
      send(socket, { t: 'refusal', code: peer.refused });
      return socket.close(CLOSE.signed_out, 'sign in first');
    }
    if (!open.has(socket)) return peer.onClose();
    connection.peer = peer;
    metrics.connections.inc({ kind: peer.kind });
  }

  function onClose(socket: Socket, code: number): void {
    const connection = open.get(socket);
    if (connection === undefined) return;
    open.delete(socket);
    metrics.connections.dec({ kind: 'all' });
    metrics.closed.inc({ code: String(code) });
    if (connection.peer === undefined) return;
    metrics.connections.dec({ kind: connection.peer.kind });
    connection.peer.onClose();
  }

  return Object.freeze({
    admit: deps.admit,
    onOpen,
    onMessage,
    onClose,
    stop: () => {
      cancelSweep();
      inbox.stop();
    },
  });
}

/** The id of a command, found without checking the rest: what is refused must cost little. */
const commandId = (text: string): string | undefined =>
  /^\{"t":"command","id":"([0-9a-f-]{36})"/.exec(text)?.[1];

export const send = (socket: Socket, frame: ServerFrame): void =>
  socket.send(JSON.stringify(frame));

/** Before hello only hello and ping count; both kinds of person write them alike. */
function parseHello(text: string): ParsedFrame<unknown> {
  const parsed = parseAgentFrame(text);
  if (!parsed.ok) return parsed;
  const isFirst = parsed.frame.t === 'hello' || parsed.frame.t === 'ping';
  return isFirst ? parsed : { ok: false, code: 'hello_first' };
}

export const PARSERS = { contact: parseContactFrame, agent: parseAgentFrame } as const;
