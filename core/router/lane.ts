/**
 * One lane per conversation: one command at a time, in order, other conversations unaffected (I3).
 * The only caller of commit (I2). Decides nothing: it is handed a function that returns events.
 * Relies on the store for durability and on `deliver` being told only what is stored (I1).
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#core/platform/clock.ts';
import { LANE_QUEUE_MAX, STATES_CACHED_MAX } from '#core/platform/limits.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '#core/protocol/errors.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import type { Commit, Conversations } from '#core/store/conversations.ts';
import { StoreBusy } from '#core/store/writer.ts';

/** An event that a handler wants to happen; `by` is the sender of the command unless given. */
export type Draft = { body: EventBody; by?: Actor };
export type Decide = (state: ConversationState) => Draft[] | Refusal;

export type LaneCommand = {
  conversation: string;
  by: Actor;
  /** The client's id and the command itself, for effectively-once (G2). */
  once?: { cid: string; command: unknown };
  newContact?: Commit['newContact'];
  decide: Decide;
};

export type Ack = { conversation: string; seq: number; at: number };
export type Lanes = ReturnType<typeof createLanes>;

export function createLanes(deps: {
  store: Conversations;
  clock: Clock;
  metrics: Metrics;
  /** Told after each commit, in order per conversation. */
  deliver: (state: ConversationState, events: readonly StoredEvent[]) => void;
}) {
  const { store, clock, metrics } = deps;
  const lanes = new Map<string, { tail: Promise<unknown>; length: number }>();
  const states = new Map<string, ConversationState>();

  /** The state as of the last commit, or undefined for an unknown conversation. */
  function state(id: string): ConversationState | undefined {
    const cached = states.get(id);
    if (cached) return cached;
    const stored = store.state(id);
    if (stored) remember(stored);
    return stored;
  }

  /** Newest at the end: a Map keeps the order of insertion, so the first key is the oldest. */
  function remember(next: ConversationState): void {
    states.delete(next.id);
    states.set(next.id, next);
    if (states.size <= STATES_CACHED_MAX) return;
    const oldest = states.keys().next().value;
    if (oldest !== undefined) states.delete(oldest);
  }

  /** @returns the ack after the fsync, or why not; never rejects for a person's mistake */
  function run(command: LaneCommand): Promise<Ack | Refusal> {
    const lane = lanes.get(command.conversation) ?? { tail: Promise.resolve(), length: 0 };
    if (lane.length >= LANE_QUEUE_MAX) return Promise.resolve(refuse('busy'));
    lanes.set(command.conversation, lane);
    lane.length++;
    const result = lane.tail.then(() => execute(command));
    lane.tail = result
      .catch(() => undefined)
      .finally(() => {
        lane.length--;
        if (lane.length === 0) lanes.delete(command.conversation);
      });
    return result;
  }

  async function execute(command: LaneCommand): Promise<Ack | Refusal> {
    const hash = command.once && fingerprint(command.once.command);
    const earlier = command.once && findEarlier(command, hash);
    if (earlier) return earlier;
    const before = state(command.conversation) ?? emptyState(command.conversation);
    const drafts = command.decide(before);
    if (isRefusal(drafts)) return drafts;
    const events = number(before, drafts, command, clock.now());
    const last = events.at(-1);
    if (last === undefined)
      return { conversation: before.id, seq: before.seq, at: before.updatedAt };
    const after = events.reduce(apply, before);
    const stored = await commit({
      state: after,
      events,
      ...(hash === undefined ? {} : { commandHash: hash }),
      ...(command.newContact && { newContact: command.newContact }),
    });
    if (isRefusal(stored)) return stored;
    remember(after);
    count(events);
    deps.deliver(after, events);
    const own = events.find((event) => event.cid !== undefined) ?? last;
    return { conversation: after.id, seq: own.seq, at: own.at };
  }

  async function commit(unit: Commit): Promise<Refusal | undefined> {
    try {
      const result = await store.commit(unit);
      if (result === 'done') return undefined;
      // Somebody else's conversation has this id, or a bug: forget what we believed.
      states.delete(unit.state.id);
      return refuse(result === 'conflict' ? 'conversation_exists' : 'store_unavailable');
    } catch (error) {
      if (error instanceof StoreBusy) return refuse('busy');
      throw error;
    }
  }

  function findEarlier(command: LaneCommand, hash: string | undefined): Ack | Refusal | undefined {
    if (command.once === undefined) return undefined;
    const found = store.findCommand(command.conversation, command.by, command.once.cid);
    if (found === undefined) return undefined;
    if (found.commandHash !== hash) return refuse('cid_conflict');
    metrics.duplicates.inc();
    return { conversation: command.conversation, seq: found.seq, at: found.at };
  }

  function count(events: readonly StoredEvent[]): void {
    for (const event of events) {
      metrics.events.inc({ type: event.body.type });
      const { body, by } = event;
      if (body.type === 'message.sent') metrics.messages.inc({ sender: by.kind });
      if (body.type === 'handover.requested') metrics.handovers.inc({ reason: body.reason });
      if (body.type === 'survey.answered') metrics.csat.inc({ score: body.score });
    }
  }

  return Object.freeze({ run, state });
}

/** The cid goes to the sender's first own event: one command, one place where it is found again. */
function number(
  before: ConversationState,
  drafts: readonly Draft[],
  command: LaneCommand,
  at: number,
): StoredEvent[] {
  let cid = command.once?.cid;
  return drafts.map((draft, i) => {
    const by = draft.by ?? command.by;
    const event: StoredEvent = {
      conversation: before.id,
      seq: before.seq + 1 + i,
      at,
      by,
      body: draft.body,
    };
    if (cid === undefined || draft.by !== undefined) return event;
    const own = { ...event, cid };
    cid = undefined;
    return own;
  });
}

/** Schemas give keys in one order, so equal commands have equal text. */
const fingerprint = (command: unknown): string =>
  createHash('sha256').update(JSON.stringify(command)).digest('base64url').slice(0, 22);
