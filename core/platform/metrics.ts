/**
 * Every figure that operators watch, defined once. Labels come from closed lists only: no contact,
 * no agent, no text can become a label.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const MILLISECONDS = [1, 2, 3, 5, 7.5, 10, 15, 25, 50, 100, 250, 1_000, 5_000];

const DECISIONS = ['answer', 'ask_back', 'offer', 'hand_over', 'unavailable'];

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  // Event-loop lag, memory, garbage collection and CPU under their usual names.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: L[] = [],
  ) => new Histogram({ name, help, buckets, labelNames, registers });

  const botTurnMs = histogram(
    'tresen_bot_turn_milliseconds',
    'From the stored utterance to the stored reply of the bot',
    MILLISECONDS,
    ['decision'],
  );
  // Series that exist from the start, so that rates and alerts have something to stand on.
  for (const decision of DECISIONS) botTurnMs.zero({ decision });

  return Object.freeze({
    registry,
    messages: counter('tresen_messages_total', 'Messages stored, by sender', ['sender']),
    events: counter('tresen_events_total', 'Events stored, by type', ['type']),
    commandSeconds: histogram(
      'tresen_command_seconds',
      'From the arrival of a command to its ack, the commit to disk included',
      SECONDS,
    ),
    refusals: counter('tresen_refusals_total', 'Commands and frames refused, by code', ['code']),
    duplicates: counter('tresen_duplicate_commands_total', 'Commands answered from the store'),
    queries: counter('tresen_queries_total', 'Reads of the database on the main thread'),
    commits: counter('tresen_commits_total', 'Transactions written, one fsync each'),
    commitSize: histogram(
      'tresen_commit_size',
      'Writes that shared one transaction',
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
    ),
    commitSeconds: histogram('tresen_commit_seconds', 'Time of one transaction', SECONDS),
    botTurnMs,
    botDropped: counter('tresen_bot_replies_dropped_total', 'Bot replies that came too late', [
      'reason',
    ]),
    handovers: counter('tresen_handovers_total', 'Hand-overs to people, by reason', ['reason']),
    csat: counter('tresen_csat_total', 'Survey answers, by score 1 to 5', ['score']),
    connections: gauge('tresen_connections', 'Open WebSocket connections', ['kind']),
    closed: counter('tresen_connections_closed_total', 'Closed connections, by close code', [
      'code',
    ]),
    waiting: gauge('tresen_conversations_waiting', 'Conversations in the queue'),
    agentsOnline: gauge('tresen_agents_online', 'Agents who are online'),
    info: gauge('tresen_info', 'Constant 1; its labels tell what runs', [
      'version',
      'socket',
      'model',
    ]),
  });
}
