/**
 * What a connection needs of its surroundings: sockets, time, chance and the news that the
 * network or the page is back (I7). Tests hand in their own.
 */

/** The part of a browser's WebSocket that a connection uses. */
export type SocketLike = {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
};

export type Environment = {
  open(address: string): SocketLike;
  now(): number;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
  /** A command's id; a simulation hands in its own. */
  uuid?(): string;
  /** @returns a function that calls the timer off */
  later(ms: number, run: () => void): () => void;
  /** Calls `run` when the network came back or the page is looked at; @returns how to stop */
  onWake(run: () => void): () => void;
};

/** What is used of the page; typed here, so that tests need no DOM types. */
type Page = {
  location: { href: string };
  document: Listened & { visibilityState: string };
} & Listened;
type Listened = Record<
  'addEventListener' | 'removeEventListener',
  (name: string, run: () => void) => void
>;
const page = (): Page => globalThis as unknown as Page;

/** @param address a path of this origin, or a full ws(s) or http(s) address */
function socketAddress(address: string): string {
  const url = new URL(address, page().location.href);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
}

function onWake(run: () => void): () => void {
  const { document } = page();
  const whenVisible = () => {
    if (document.visibilityState === 'visible') run();
  };
  page().addEventListener('online', run);
  document.addEventListener('visibilitychange', whenVisible);
  return () => {
    page().removeEventListener('online', run);
    document.removeEventListener('visibilitychange', whenVisible);
  };
}

export const browserEnvironment: Environment = {
  open: (address) => new WebSocket(socketAddress(address)) as SocketLike,
  now: () => Date.now(),
  random: () => Math.random(),
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  onWake,
};
