/**
 * What the bench asks of its load generator and hears back, by IPC between two processes.
 * Knows the names of the loads, nothing of how they work.
 */
import type { Spread } from './percentile.ts';
import type { SocketAddress } from './person.ts';

type Window = { warmUpMs: number; measureMs: number };

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

export type Job = EchoJob | DurableJob | AnswerJob;

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
  /** Open loop: how much later than planned questions left. */
  late?: Spread;
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
