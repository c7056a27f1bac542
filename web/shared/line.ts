/**
 * The socket and its timers: hello first, ping every heartbeat, silence means dead, reconnect with
 * exponential back-off and full jitter, at once when the network or the page wakes up.
 * Knows frames only by their `t`; what they mean is decided by `connection.ts` and above.
 */
import { CLOSE, mayReconnect } from '../../core/protocol/errors.ts';
import type { ClientFrame, ServerFrame } from '../../core/protocol/frames.ts';
import type { Environment, SocketLike } from './environment.ts';

export type ConnectionStatus = 'connecting' | 'live' | 'offline';

export const BACKOFF_MIN_MS = 500;
export const BACKOFF_MAX_MS = 15_000;
/** Also with the luckiest jitter, no sooner than this. */
export const BACKOFF_FLOOR_MS = 100;
/** A socket that has not been welcomed by then is given up. */
export const WELCOME_WITHIN_MS = 10_000;
/** After waking up, a live socket must answer this soon. */
export const PROBE_MS = 4_000;
export const SILENCE_FACTOR = 2.2;

type Options = {
  address: string;
  environment: Environment;
  hello: () => ClientFrame;
  onStatus: (status: ConnectionStatus, since: number) => void;
  onFrame: (frame: ServerFrame) => void;
  /** Welcomed: what waits may be sent. */
  onLive: () => void;
  onLost: () => void;
  onRefused?: (code: number) => void;
};

const nothing = () => {};

export class Line {
  readonly #options: Options;
  readonly #environment: Environment;
  #socket: SocketLike | undefined;
  #status: ConnectionStatus | undefined;
  #attempts = 0;
  #ended = false;
  /** 0 until welcomed. */
  #heartbeatMs = 0;
  #stopRetry = nothing;
  #stopPing = nothing;
  #stopSilence = nothing;
  #stopWake = nothing;

  constructor(options: Options) {
    this.#options = options;
    this.#environment = options.environment;
  }

  open(): void {
    this.#stopWake = this.#environment.onWake(() => this.#wake());
    this.#setStatus('connecting');
    this.#connect();
  }

  /** @returns false when not live; the frame is dropped then */
  send(frame: ClientFrame): boolean {
    if (this.#status !== 'live') return false;
    this.#write(frame);
    return true;
  }

  /** Hang up and come back, e.g. because an event is missing. */
  renew(): void {
    if (this.#socket && !this.#ended) this.#drop(1000);
  }

  close(): void {
    this.#end();
    this.#stopRetry();
    this.#drop(1000);
  }

  #connect(): void {
    this.#stopRetry();
    if (this.#ended || this.#socket) return;
    const socket = this.#environment.open(this.#options.address);
    this.#socket = socket;
    this.#watchSilence(WELCOME_WITHIN_MS);
    socket.onopen = () => this.#write(this.#options.hello());
    socket.onmessage = ({ data }) => this.#read(data);
    socket.onclose = ({ code }) => this.#lost(code);
    socket.onerror = nothing;
  }

  #read(data: unknown): void {
    const frame = parse(data);
    if (!frame) return;
    if (frame.t === 'welcome') {
      this.#heartbeatMs = frame.heartbeatMs;
      this.#attempts = 0;
      this.#stopPing();
      this.#stopPing = this.#environment.later(frame.heartbeatMs, () => this.#ping());
    }
    if (this.#heartbeatMs > 0) this.#watchSilence(this.#heartbeatMs * SILENCE_FACTOR);
    this.#options.onFrame(frame);
    if (frame.t !== 'welcome' || this.#ended) return;
    this.#setStatus('live');
    this.#options.onLive();
  }

  #write(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #ping(): void {
    this.#write({ t: 'ping' });
    this.#stopPing = this.#environment.later(this.#heartbeatMs, () => this.#ping());
  }

  #wake(): void {
    if (this.#ended) return;
    if (!this.#socket) this.#connect();
    else if (this.#heartbeatMs > 0) {
      this.#write({ t: 'ping' });
      this.#watchSilence(PROBE_MS);
    }
  }

  #watchSilence(ms: number): void {
    this.#stopSilence();
    this.#stopSilence = this.#environment.later(ms, () => this.#drop(CLOSE.heartbeat_lost));
  }

  /** Gives the socket up at once; its own close event may take minutes on a dead network. */
  #drop(code: number): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#lost(code);
    socket.close(code);
  }

  #lost(code: number): void {
    this.#release();
    this.#options.onLost();
    if (this.#ended) return;
    this.#setStatus('offline');
    if (!mayReconnect(code)) {
      this.#end();
      this.#options.onRefused?.(code);
      return;
    }
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    const wait = Math.max(BACKOFF_FLOOR_MS, this.#environment.random() * ceiling);
    this.#stopRetry();
    this.#stopRetry = this.#environment.later(wait, () => this.#connect());
  }

  #release(): void {
    if (this.#socket) {
      this.#socket.onopen = null;
      this.#socket.onmessage = null;
      this.#socket.onclose = null;
    }
    this.#socket = undefined;
    this.#heartbeatMs = 0;
    this.#stopPing();
    this.#stopSilence();
  }

  #end(): void {
    this.#ended = true;
    this.#stopWake();
  }

  #setStatus(status: ConnectionStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#options.onStatus(status, this.#environment.now());
  }
}

function parse(data: unknown): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}
