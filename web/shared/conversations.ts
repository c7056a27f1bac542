/**
 * The conversations as this browser knows them: events folded with `core/protocol/apply.ts`, the
 * function the server uses. What is known already is ignored, a gap is reported so that the
 * caller asks again, another epoch or a reset forgets. No second model of the truth.
 */
import { apply, type ConversationState, emptyState } from '../../core/protocol/apply.ts';
import type { StoredEvent } from '../../core/protocol/events.ts';
import type { ServerFrame } from '../../core/protocol/frames.ts';

export type Conversation = { state: ConversationState; events: StoredEvent[] };

type Options = {
  /** An event is missing: ask for everything after `after` (agents watch, contacts resume). */
  onGap?: (conversation: string, after: number) => void;
};

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations({ onGap }: Options = {}) {
  const known = new Map<string, Conversation>();
  let epoch: string | undefined;

  /** @returns whether something new was learnt */
  const takeEvents = (id: string, events: StoredEvent[]): boolean => {
    const before = known.get(id) ?? { state: emptyState(id), events: [] };
    let { state } = before;
    const added: StoredEvent[] = [];
    let gap = false;
    for (const event of events) {
      if (event.seq <= state.seq) continue;
      if (event.seq !== state.seq + 1) {
        gap = true;
        break;
      }
      state = fold(state, event);
      added.push(event);
    }
    if (added.length > 0) known.set(id, { state, events: [...before.events, ...added] });
    if (gap) onGap?.(id, state.seq);
    return added.length > 0;
  };

  return {
    /** @returns whether something changed that is worth drawing */
    take(frame: ServerFrame): boolean {
      if (frame.t === 'events') return takeEvents(frame.conversation, frame.events);
      if (frame.t === 'reset') return known.delete(frame.conversation);
      if (frame.t !== 'welcome') return false;
      const other = epoch !== undefined && epoch !== frame.epoch;
      epoch = frame.epoch;
      if (!other || known.size === 0) return false;
      known.clear();
      return true;
    },
    get: (id: string): Conversation | undefined => known.get(id),
    ids: (): string[] => [...known.keys()],
    /** For `hello.resume`. */
    lastSeqs: (): Record<string, number> =>
      Object.fromEntries([...known].map(([id, { state }]) => [id, state.seq])),
    /** For `hello.epoch`. */
    epoch: (): string | undefined => epoch,
    forget: (id: string): boolean => known.delete(id),
    clear(): void {
      known.clear();
    },
  };
}

/** A newer server may know events that this browser does not: they pass without effect (I9). */
function fold(state: ConversationState, event: StoredEvent): ConversationState {
  try {
    return apply(state, event);
  } catch {
    return { ...state, seq: event.seq, updatedAt: event.at };
  }
}
