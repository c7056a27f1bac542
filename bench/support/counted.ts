/**
 * What a number of messages costs the server in system calls and database queries: counts, not
 * times, so they mean the same on a slow machine and may gate CI.
 */
import { signUpAgent } from '#test/support/server.ts';
import { generate } from './generate.ts';
import { growth, lastOf } from './prometheus.ts';
import { createTrace } from './system-calls.ts';
import { startTresen } from './tresen.ts';

export type Counted = {
  messages: number;
  /** Frames of any kind that reached a connection: acks, events, rows. */
  deliveries: number;
  /** Written again until they were stored: a traced server is slow and may say so. */
  refused: number;
  missing: number;
  syncsPer1000Messages: number;
  socketWritesPer1000Deliveries: number;
  /** Of the main thread's reader; NaN when the server does not count them. */
  queriesPerCommand: number;
};

const TEXT_LENGTH = 200;

/**
 * Starts a server of its own under strace and has it store `messages` messages, closed loop.
 * @throws Error when strace is missing or the server does not start
 */
export async function countSystemCalls(setting: {
  connections: number;
  inFlight: number;
  agents: number;
  messages: number;
  socket?: string;
}): Promise<Counted> {
  const { socket, ...load } = setting;
  const trace = createTrace();
  try {
    const { tracer } = trace;
    const tresen = await startTresen({ socket, untilBot: true, tracer });
    let run: Awaited<ReturnType<typeof generate>>;
    try {
      const { cookie } = await signUpAgent(tresen);
      const window = { warmUpMs: 0, measureMs: 0 };
      const job = { load: 'durable', at: tresen.at, cookie, textLength: TEXT_LENGTH } as const;
      run = await generate({ ...job, ...load, ...window }, tresen.url);
    } finally {
      await tresen.stop();
    }
    const { syncs, socketWrites } = await trace.count(run.from, run.until);
    const { before, after, refused, missing } = run;
    const deliveries = run.frames ?? Number.NaN;
    const queries = lastOf(after, 'tresen_queries_total') - lastOf(before, 'tresen_queries_total');
    return {
      messages: growth(before, after, 'tresen_messages_total'),
      deliveries,
      refused,
      missing,
      syncsPer1000Messages: (syncs / setting.messages) * 1_000,
      socketWritesPer1000Deliveries: (socketWrites / deliveries) * 1_000,
      queriesPerCommand: queries / setting.messages,
    };
  } finally {
    trace.remove();
  }
}
