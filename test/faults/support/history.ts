/**
 * The log of a run, as the writers and readers saw it: what was asked for, what was answered, what
 * each reader was shown. Knows no server; `check.ts` holds it against the truth.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import { REFUSALS, type RefusalCode } from '#core/protocol/errors.ts';
import type { StoredEvent } from '#core/protocol/events.ts';

export type Role = 'contact' | 'agent';

/** Something that a person wrote; `unknown` until an answer came, at the end as well. */
export type Invocation = {
  cid: string;
  conversation: string;
  /** One sender's invocations in one conversation must keep their order (G3). */
  sender: string;
  kind: 'message.sent' | 'note.added';
  /** Unique in the conversation. */
  text: string;
  /** Milliseconds, monotonic. */
  at: number;
  outcome:
    | { is: 'unknown' }
    | { is: 'ok'; seq: number; ms: number }
    | { is: 'refused'; code: RefusalCode };
};

/** What one reader holds of one conversation, folded by the client's own code. */
export type View = {
  reader: string;
  role: Role;
  conversation: string;
  events: readonly StoredEvent[];
  state?: ConversationState;
  /** At the end of a calm run a reader holds everything; one that left earlier, a beginning. */
  isFinal: boolean;
};

/** Stands in every internal note, so that a contact who receives one is noticed at once. */
export const NOTE_MARK = 'INTERNAL-NOTE';

export type History = ReturnType<typeof createHistory>;

export function createHistory() {
  const invocations = new Map<string, Invocation>();
  const views: View[] = [];
  /** Highest seq known to be stored, by conversation. */
  const reached = new Map<string, number>();
  const leaks: string[] = [];
  const wireGaps: string[] = [];
  const retried = new Map<string, number>();
  const ackWaiters = new Set<() => void>();
  let acked = 0;
  let resets = 0;
  let lastEventAt = 0;

  const reach = (conversation: string, seq: number): void => {
    if (seq > (reached.get(conversation) ?? 0)) reached.set(conversation, seq);
  };

  return Object.freeze({
    invoke(one: Omit<Invocation, 'at' | 'outcome'>): void {
      invocations.set(one.cid, { ...one, at: performance.now(), outcome: { is: 'unknown' } });
    },
    /** An ack of any command; only what was invoked here is counted. */
    ok(cid: string, conversation: string, seq: number): void {
      reach(conversation, seq);
      const known = invocations.get(cid);
      if (known === undefined) return;
      const ms = performance.now() - known.at;
      // A later ack of the same cid must name the same place: a second answer is kept as it came.
      const isFirst = known.outcome.is !== 'ok';
      if (isFirst || known.outcome.is !== 'ok' || known.outcome.seq !== seq) {
        known.outcome = { is: 'ok', seq, ms };
      }
      if (!isFirst) return;
      acked++;
      for (const wake of ackWaiters) wake();
      ackWaiters.clear();
    },
    refused(cid: string | undefined, code: RefusalCode): void {
      if (REFUSALS[code].retry || cid === undefined) {
        retried.set(code, (retried.get(code) ?? 0) + 1);
        return;
      }
      const known = invocations.get(cid);
      if (known) known.outcome = { is: 'refused', code };
    },
    saw(conversation: string, seq: number): void {
      lastEventAt = performance.now();
      reach(conversation, seq);
    },
    view: (view: View): void => void views.push(view),
    leak: (what: string): void => void leaks.push(what),
    wireGap: (what: string): void => void wireGaps.push(what),
    reset: (): void => void resets++,
    invocations: (): ReadonlyMap<string, Invocation> => invocations,
    views: (): readonly View[] => views,
    leaks: (): readonly string[] => leaks,
    wireGaps: (): readonly string[] => wireGaps,
    /** Refusals that ask for another try, by code. */
    retried: (): ReadonlyMap<string, number> => retried,
    resets: () => resets,
    acked: () => acked,
    reached: (): ReadonlyMap<string, number> => reached,
    /** Milliseconds since any reader was shown an event. */
    quietMs: () => performance.now() - lastEventAt,
    /** Resolves with the time of the next ack, monotonic. */
    nextAck: (): Promise<number> =>
      new Promise((resolve) => ackWaiters.add(() => resolve(performance.now()))),
  });
}
