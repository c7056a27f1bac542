/**
 * What the bench asks of its load generator and hears back, by IPC between two processes.
 * Knows the names of the loads, nothing of how they work.
 */
import type { Spread } from './percentile.ts';
import type { SocketAddress } from './person.ts';

export type Window = { warmUpMs: number; measureMs: number };

/** Frames of `size` bytes that come straight back: over TCP or over WebSockets. */
export type EchoJob = Window & {
  load: 'tcp' | 'echo';
  at: SocketAddress;
  connections: number;
  inFlight: number;
  size: number;
};

/** Contacts write to agents, closed loop. */
export type DurableJob = Window & {
  load: 'durable';
  at: SocketAddress;
  cookie: string;
  connections: number;
  agents: number;
  inFlight: number;
  textLength: number;
  /**
   * So many are acknowledged and no more, between two quiet moments, instead of a window of time;
   * for one that is refused another is written.
   */
  messages?: number;
};

/** The same bytes into a stream of Redis per connection, closed loop. */
export type RedisJob = Window & {
  load: 'redis';
  at: { port: number };
  connections: number;
  inFlight: number;
  textLength: number;
};

/** The same messages through a small socket.io server, closed loop. */
export type SocketIoJob = Window & {
  load: 'socket.io';
  at: { port: number };
  connections: number;
  agents: number;
  inFlight: number;
  textLength: number;
};

/** Contacts ask the bot, open loop: questions come when they come, not when the bot is done. */
export type AnswerJob = Window & {
  load: 'answer';
  at: SocketAddress;
  connections: number;
  perSecond: number;
  questions: { text: string; language: 'de' | 'en' }[];
  seed: number;
};

/** Connections that say hello and then nothing but pings; the window is `measureMs` of silence. */
export type IdleJob = Window & { load: 'idle'; at: SocketAddress; connections: number };

/** All are dropped and come back at once; the window is from the first to the last of them. */
export type StormJob = {
  load: 'storm';
  at: SocketAddress;
  cookie: string;
  connections: number;
  /** How many of them have missed messages, and how many messages each. */
  behind: number;
  missed: number;
  /** Handshakes under way at the same time. */
  atOnce: number;
};

/** Calm, then more than can be done, then calm again, all open loop. */
export type OverloadJob = {
  load: 'overload';
  at: SocketAddress;
  cookie: string;
  connections: number;
  agents: number;
  textLength: number;
  phases: { name: string; perSecond: number; ms: number }[];
};

export type Job =
  | EchoJob
  | DurableJob
  | RedisJob
  | SocketIoJob
  | AnswerJob
  | IdleJob
  | StormJob
  | OverloadJob;

export type LoadResult = {
  /** Round trips completed in the measured window, per second. */
  perSecond: number;
  /** Milliseconds: from sending to the echo or the ack. */
  ack: Spread;
  /** Durable: to the agent. Answer: to the bot's message. Echo: nothing. */
  delivered: Spread;
  /** Commands refused by the server, and messages that nobody got within the time allowed. */
  refused: number;
  missing: number;
  /** Durable: frames of any kind that reached a connection between the marks. */
  frames?: number;
  /** Open loop: how much later than planned questions left. */
  late?: Spread;
  storm?: StormFigures;
  phases?: PhaseFigures[];
};

export type StormFigures = {
  openMs: number;
  resumedMs: number;
  /** Per connection, from its first attempt to its last missed message. */
  resume: Spread;
  expected: number;
  lost: number;
  twice: number;
};

export type PhaseFigures = {
  name: string;
  seconds: number;
  offered: number;
  /** Left the client; the rest waited there until the phase was over. */
  written: number;
  acked: number;
  refused: number;
  /** Neither acknowledged nor refused when everything had been waited for. */
  silent: number;
  /** Of those acknowledged: milliseconds from being written. */
  ack: Spread;
  /** Milliseconds from being written to the refusal. */
  refusal: Spread;
  /** How much later than planned the generator wrote them. */
  late: Spread;
  /** Of what was sent in each second of the phase: p99 of the acks. */
  p99PerSecond: number[];
};

/** What the window looked like from inside the generator. */
export type Measured = LoadResult & { seconds: number; cpuShare: number };

export type FromGenerator =
  | { type: 'measuring' }
  | { type: 'measured' }
  | { type: 'result'; result: Measured }
  | { type: 'failed'; message: string };

/** A load calls these at the ends of its measured window. */
export type WindowMarks = { start(): void; end(): void };
