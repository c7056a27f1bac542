/**
 * Simulated lines between browsers and the server: each direction is in order and never loses a
 * frame while the line holds, as TCP; lines overtake each other, break, fall silent in one
 * direction, or are read slowly. The server's end is the production socket (`adapter.ts`).
 */
import type { OutgoingSocket, SocketSet, Wire } from '#core/gateway/websocket/adapter.ts';
import type { Upgrade } from '#core/gateway/websocket/socket.ts';
import type { SocketLike } from '../../web/shared/environment.ts';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/** What the network does in this world. */
export type NetworkMood = {
  /** Mean time of a frame on its way. */
  delayMs: number;
  /** Share of frames that take fifty times as long, and hold up those behind them. */
  stalls: number;
};

export type Line = ReturnType<typeof createNetwork>['lines'][number];
type Direction = { lastAt: number; isDead: boolean };

const ABNORMAL = 1006;
/** What the two systems hold of a line before the server notices that nobody reads. */
const KERNEL_BYTES = 1_000;
const NOTICED_WITHIN_MS = 400;

export type NetworkWatch = {
  /** The server wrote this to the line, in this order. */
  onServerFrame(line: SimulatedLine, text: string): void;
  /** This arrived at the server. */
  onClientFrame(line: SimulatedLine, text: string): void;
  trace(what: string): void;
  count(what: string): void;
};

export type SimulatedLine = {
  readonly number: number;
  readonly upgrade: Upgrade;
  readonly name: string;
  isOpenAtServer(): boolean;
};

export function createNetwork(deps: {
  timeline: Timeline;
  chance: Chance;
  mood: NetworkMood;
  /** Undefined while the server is down. */
  server: () => SocketSet | undefined;
  watch: NetworkWatch;
}) {
  const { timeline, chance, watch } = deps;
  const lines: LineEnds[] = [];
  let numbers = 0;

  function delay(): number {
    const usual = chance.wait(deps.mood.delayMs);
    return chance.happens(deps.mood.stalls) ? usual * 50 : usual;
  }

  class LineEnds implements SimulatedLine {
    readonly number = ++numbers;
    readonly up: Direction = { lastAt: 0, isDead: false };
    readonly down: Direction = { lastAt: 0, isDead: false };
    readonly socket: SocketLike;
    readonly name: string;
    readonly upgrade: Upgrade;
    /** Frames the client has not read while it is slow. */
    #unread: string[] = [];
    #unreadBytes = 0;
    #isPaused = false;
    #server: OutgoingSocket | undefined;

    constructor(name: string, cookie: string | undefined) {
      this.name = name;
      this.upgrade = {
        path: '/socket',
        origin: undefined,
        host: 'localhost',
        cookie,
        address: '127.0.0.1',
      };
      this.socket = {
        readyState: 0,
        onopen: null,
        onmessage: null,
        onclose: null,
        onerror: null,
        send: (text) => this.#send('up', () => this.#arrivedAtServer(text)),
        close: (code = 1000) => {
          this.socket.readyState = 2;
          this.#send('up', () => this.#closedAtServer(code));
          this.#send('down', () => this.#closedAtClient(code));
        },
      };
      this.#send('up', () => this.#reach());
    }

    isOpenAtServer = (): boolean => this.#server !== undefined;

    #send(direction: 'up' | 'down', arrive: () => void): void {
      const way = this[direction];
      if (way.isDead) return;
      way.lastAt = Math.max(way.lastAt, timeline.elapsed() + delay());
      const what = `${this.name} line ${this.number} ${direction}`;
      timeline.after(way.lastAt - timeline.elapsed(), what, () => {
        if (!way.isDead) arrive();
      });
    }

    #reach(): void {
      const sockets = deps.server();
      if (sockets === undefined) {
        this.#send('down', () => this.#closedAtClient(ABNORMAL));
        return;
      }
      this.#send('down', () => {
        this.socket.readyState = 1;
        this.socket.onopen?.();
      });
      this.#server = sockets.opened(this.upgrade, this.#wire());
      this.#received = (text) => {
        if (this.#server) sockets.message(this.#server, text);
      };
      this.#gone = (code) => {
        this.#server?.gone(code);
      };
    }
    #received: (text: string) => void = () => undefined;
    #gone: (code: number) => void = () => undefined;

    #wire(): Wire {
      return {
        buffered: () => Math.max(0, this.#unreadBytes - KERNEL_BYTES),
        write: (texts) => {
          for (const text of texts) {
            watch.trace(`to ${this.name}: ${text}`);
            watch.onServerFrame(this, text);
            if (this.#isPaused) {
              this.#unread.push(text);
              this.#unreadBytes += Buffer.byteLength(text);
            } else this.#send('down', () => this.#arrivedAtClient(text));
          }
        },
        end: (code) => {
          this.#server = undefined;
          watch.count(`closed with ${code}`);
          watch.trace(`server closes line ${this.number} of ${this.name} with ${code}`);
          this.resume();
          this.#send('down', () => this.#closedAtClient(code));
        },
      };
    }

    #arrivedAtServer(text: string): void {
      if (this.#server === undefined) return;
      watch.trace(`${this.name} asks ${text}`);
      watch.onClientFrame(this, text);
      this.#received(text);
    }

    #arrivedAtClient(text: string): void {
      this.socket.onmessage?.({ data: text });
    }

    #closedAtServer(code: number): void {
      this.up.isDead = true;
      if (this.#server === undefined) return;
      this.#gone(code);
      this.#server = undefined;
    }

    #closedAtClient(code: number): void {
      this.down.isDead = true;
      if (this.socket.readyState === 3) return;
      this.socket.readyState = 3;
      watch.trace(`${this.name} sees line ${this.number} closed with ${code}`);
      this.socket.onclose?.({ code });
    }

    /** The line breaks; what is on its way is lost, or still arrives at the server first. */
    cut(isLingering: boolean): void {
      const notice = (): number => chance.between(0, NOTICED_WITHIN_MS);
      this.down.isDead = true;
      if (!isLingering) this.up.isDead = true;
      const atServer = isLingering
        ? Math.max(notice(), this.up.lastAt - timeline.elapsed())
        : notice();
      timeline.after(atServer, `line ${this.number} lost at server`, () =>
        this.#closedAtServer(ABNORMAL),
      );
      timeline.after(notice(), `line ${this.number} lost at ${this.name}`, () =>
        this.#closedAtClient(ABNORMAL),
      );
    }

    /** Half-open: nobody is told, only heartbeats find out. */
    silence(direction: 'up' | 'down'): void {
      this[direction].isDead = true;
    }

    /** The reader stops reading. */
    pause(): void {
      this.#isPaused = true;
    }

    resume(): void {
      this.#isPaused = false;
      const texts = this.#unread;
      this.#unread = [];
      this.#unreadBytes = 0;
      for (const text of texts) this.#send('down', () => this.#arrivedAtClient(text));
    }

    /** The server's process has ended; `isTold` when its system still resets the line. */
    serverDied(isTold: boolean): void {
      this.#server = undefined;
      this.up.isDead = true;
      this.#unread = [];
      this.#unreadBytes = 0;
      if (!isTold) {
        this.down.isDead = true;
        return;
      }
      this.#send('down', () => this.#closedAtClient(ABNORMAL));
    }
  }

  function open(name: string, cookie?: string): LineEnds {
    const line = new LineEnds(name, cookie);
    lines.push(line);
    return line;
  }

  /** Lines that the server still holds. */
  const held = (): LineEnds[] => lines.filter((line) => line.isOpenAtServer());

  return { open, lines, held };
}

export type Network = ReturnType<typeof createNetwork>;
