/**
 * One lane per conversation: one command at a time, in order, other conversations unaffected (I3).
 * The only caller of commit (I2). Decides nothing: it is handed a function that returns events.
 * A command is decided on what the commands before it have decided, while these are still on their
 * way to the disk, so that a fsync serves many; when one of them is not stored, those behind it
 * are decided again. Acks and deliveries follow the disk, in order (I1, G1).
 */
import { hash } from 'node:crypto';
import type { Clock } from '#core/platform/clock.ts';
import { LANE_ATTEMPTS_MAX, LANE_QUEUE_MAX, STATES_CACHED_MAX } from '#core/platform/limits.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '#core/protocol/errors.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import { type Commit, type Conversations, senderOf } from '#core/store/conversations.ts';
import { StoreBusy, type WriteResult } from '#core/store/writer.ts';

/** An event that a handler wants to happen; `by` is the sender of the command unless given. */
export type Draft = { body: EventBody; by?: Actor };
/** May be asked again with another state; only what it returned last has happened. */
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
type Outcome = Ack | Refusal;
export type Lanes = ReturnType<typeof createLanes>;

type Job = {
  command: LaneCommand;
  /** Order of arrival within the lane. */
  number: number;
  fingerprint: string | undefined;
  outcome: Promise<Outcome>;
  settle: (outcome: Outcome) => void;
  fail: (error: unknown) => void;
  attempts: number;
};

type Lane = {
  conversation: string;
  arrived: number;
  /** Everybody who has no answer yet. */
  jobs: Set<Job>;
  /** With all events that are decided, stored or on their way; undefined: as stored. */
  head: ConversationState | undefined;
  /** Decided, and waiting for the disk. */
  underway: number;
  /** The commit handed in last. */
  newest: Promise<unknown>;
  /** Something decided was not stored: what stands on it waits in `again`. */
  isBroken: boolean;
  again: Job[];
};

export function createLanes(deps: {
  store: Conversations;
  clock: Clock;
  metrics: Metrics;
  /** Told after each commit, in order per conversation. */
  deliver: (state: ConversationState, events: readonly StoredEvent[]) => void;
}) {
  const { store, clock, metrics } = deps;
  const lanes = new Map<string, Lane>();
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
  function run(command: LaneCommand): Promise<Outcome> {
    const lane = lanes.get(command.conversation) ?? openLane(command.conversation);
    if (lane.jobs.size >= LANE_QUEUE_MAX) return Promise.resolve(refuse('busy'));
    const job = createJob(command, lane.arrived++);
    const twin = twinOf(lane, job);
    if (twin) return twin;
    lane.jobs.add(job);
    if (lane.isBroken) lane.again.push(job);
    else attempt(lane, job);
    return job.outcome;
  }

  function openLane(conversation: string): Lane {
    const lane: Lane = {
      conversation,
      arrived: 0,
      jobs: new Set(),
      head: undefined,
      underway: 0,
      newest: Promise.resolve(),
      isBroken: false,
      again: [],
    };
    lanes.set(conversation, lane);
    return lane;
  }

  /** The same command, sent again while the first one is still on its way (G2). */
  function twinOf(lane: Lane, job: Job): Promise<Outcome> | undefined {
    if (job.command.once === undefined) return undefined;
    for (const other of lane.jobs) {
      if (other.command.once?.cid !== job.command.once.cid) continue;
      if (senderOf(other.command.by) !== senderOf(job.command.by)) continue;
      if (other.fingerprint !== job.fingerprint) return Promise.resolve(refuse('cid_conflict'));
      metrics.duplicates.inc();
      return other.outcome;
    }
    return undefined;
  }

  /** Decides and hands in; everything up to there in one step, so that order is arrival. */
  function attempt(lane: Lane, job: Job): void {
    job.attempts++;
    try {
      const before = lane.head ?? state(lane.conversation) ?? emptyState(lane.conversation);
      const drafts = job.command.decide(before);
      if (isRefusal(drafts)) return answerLater(lane, job, drafts);
      const events = number(before, drafts, job.command, clock.now());
      if (events.length === 0) return answerLater(lane, job, ackOf(before, []));
      commit(lane, job, before, events);
    } catch (error) {
      close(lane, job);
      job.fail(error);
    }
  }

  /** Nothing to store; but the answer may rest on what is still on its way to the disk. */
  function answerLater(lane: Lane, job: Job, outcome: Outcome): void {
    lane.underway++;
    lane.newest.then(() => {
      lane.underway--;
      if (lane.isBroken) lane.again.push(job);
      else finish(lane, job, () => findEarlier(job) ?? outcome);
      repair(lane);
    });
  }

  function commit(
    lane: Lane,
    job: Job,
    before: ConversationState,
    events: readonly StoredEvent[],
  ): void {
    const after = events.reduce(apply, before);
    const { newContact } = job.command;
    const stored = store.commit({
      before,
      state: after,
      events,
      ...(job.fingerprint === undefined ? {} : { commandHash: job.fingerprint }),
      ...(newContact && { newContact }),
    });
    lane.head = after;
    lane.underway++;
    lane.newest = stored.then(
      (result) => settle(result),
      (error) => settle(error instanceof StoreBusy ? 'busy' : 'failed'),
    );

    function settle(result: WriteResult | 'busy'): void {
      lane.underway--;
      if (result === 'done') finish(lane, job, () => happened(after, events));
      else notStored(lane, job, result);
      repair(lane);
    }
  }

  function happened(after: ConversationState, events: readonly StoredEvent[]): Ack {
    remember(after);
    count(events);
    deps.deliver(after, events);
    return ackOf(after, events);
  }

  /** 'conflict': the cid is known, the id is somebody else's, or it stood on what failed. */
  function notStored(lane: Lane, job: Job, result: WriteResult | 'busy'): void {
    const isFirst = !lane.isBroken;
    lane.isBroken = true;
    if (result === 'busy') return finish(lane, job, () => refuse('busy'));
    if (result === 'failed') return finish(lane, job, () => refuse('store_unavailable'));
    if (isFirst) states.delete(lane.conversation);
    if (job.attempts < LANE_ATTEMPTS_MAX) lane.again.push(job);
    else finish(lane, job, () => refuse('store_unavailable'));
  }

  /** When the disk has answered for all, those who stood on what failed are decided again. */
  function repair(lane: Lane): void {
    if (!lane.isBroken || lane.underway > 0) return;
    lane.isBroken = false;
    lane.head = undefined;
    const jobs = lane.again.sort((a, b) => a.number - b.number);
    lane.again = [];
    for (const job of jobs) decideAgain(lane, job);
  }

  function decideAgain(lane: Lane, job: Job): void {
    try {
      const earlier = findEarlier(job);
      if (earlier) finish(lane, job, () => earlier);
      else attempt(lane, job);
    } catch (error) {
      close(lane, job);
      job.fail(error);
    }
  }

  function finish(lane: Lane, job: Job, outcome: () => Outcome): void {
    close(lane, job);
    try {
      job.settle(outcome());
    } catch (error) {
      job.fail(error);
    }
  }

  function close(lane: Lane, job: Job): void {
    lane.jobs.delete(job);
    if (lane.jobs.size === 0) lanes.delete(lane.conversation);
  }

  /** What became of the same command when it was sent before; undefined: it was never stored. */
  function findEarlier({ command, fingerprint }: Job): Outcome | undefined {
    if (command.once === undefined) return undefined;
    const found = store.findCommand(command.conversation, command.by, command.once.cid);
    if (found === undefined) return undefined;
    if (found.commandHash !== fingerprint) return refuse('cid_conflict');
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

function createJob(command: LaneCommand, number: number): Job {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  return {
    command,
    number,
    fingerprint: command.once && fingerprint(command.once.command),
    outcome: promise,
    settle: resolve,
    fail: reject,
    attempts: 0,
  };
}

/** Of the command's own event, the one with its cid; others may have followed in the same step. */
function ackOf(state: ConversationState, events: readonly StoredEvent[]): Ack {
  const own = events.find((event) => event.cid !== undefined) ?? events.at(-1);
  return { conversation: state.id, seq: own?.seq ?? state.seq, at: own?.at ?? state.updatedAt };
}

/** The cid goes to the sender's last own event: the message behind a reopening is what he sent. */
function number(
  before: ConversationState,
  drafts: readonly Draft[],
  command: LaneCommand,
  at: number,
): StoredEvent[] {
  const own = drafts.findLastIndex((draft) => draft.by === undefined);
  return drafts.map((draft, i) => ({
    conversation: before.id,
    seq: before.seq + 1 + i,
    at,
    by: draft.by ?? command.by,
    ...(command.once && i === own ? { cid: command.once.cid } : {}),
    body: draft.body,
  }));
}

/** Schemas give keys in one order, so equal commands have equal text. */
const fingerprint = (command: unknown): string =>
  hash('sha256', JSON.stringify(command), 'base64url').slice(0, 22);
