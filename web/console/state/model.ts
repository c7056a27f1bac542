/**
 * What the console knows of all conversations, folded from server frames. Rows are the server's
 * own `ConversationState`; resolved ones are kept for the palette but belong to no section.
 */
import type { ConversationState } from '../../../core/protocol/apply.ts';
import type { Availability } from '../../../core/protocol/entities.ts';
import type { ServerFrame } from '../../../core/protocol/frames.ts';

export type Row = ConversationState;
export type Me = { id: string; name: string; availability: Availability };
export type Typing = { by: 'contact' | 'bot' | 'agent'; name?: string; until: number };

export type Model = {
  rows: Map<string, Row>;
  typing: Map<string, Typing>;
  me: Me | undefined;
  epoch: string | undefined;
  /** Server clock minus this machine's clock. */
  clockOffset: number;
  /** False until the first list has arrived: skeletons. */
  listed: boolean;
  agentsOnline: number;
  /** Rows that changed while the connection was down, found by the newest list. */
  changedAway: string[];
};

/** Must equal TYPING_EXPIRES_MS of the protocol; a test compares them. */
export const TYPING_SHOWN_MS = 5_000;

export const emptyModel = (): Model => ({
  rows: new Map(),
  typing: new Map(),
  me: undefined,
  epoch: undefined,
  clockOffset: 0,
  listed: false,
  agentsOnline: 0,
  changedAway: [],
});

/**
 * Folds one frame into `model`, in place: ten thousand rows are not copied for every row.
 * Row objects themselves are never changed, so a view may compare them by identity.
 * @returns whether anything visible changed
 */
export function fold(model: Model, frame: ServerFrame, now: number): boolean {
  switch (frame.t) {
    case 'welcome':
      model.me = frame.agent ?? model.me;
      model.epoch = frame.epoch;
      model.clockOffset = frame.now - now;
      model.agentsOnline = frame.agentsOnline;
      return true;
    case 'list':
      replaceRows(model, frame.rows);
      return true;
    case 'row':
      return takeRow(model, frame.row);
    case 'signal':
      return takeSignal(model, frame.signal, now);
    case 'events':
      return model.typing.delete(frame.conversation);
    default:
      return false;
  }
}

function replaceRows(model: Model, rows: readonly Row[]): void {
  const before = model.rows;
  const first = !model.listed;
  model.changedAway = first
    ? []
    : rows.filter((row) => (before.get(row.id)?.seq ?? 0) < row.seq).map((row) => row.id);
  const resolved = [...before.values()].filter((row) => row.status === 'resolved');
  model.rows = new Map(resolved.concat(rows).map((row) => [row.id, row]));
  model.listed = true;
}

/** A row older than the one known is a late frame and changes nothing. */
function takeRow(model: Model, row: Row): boolean {
  const known = model.rows.get(row.id);
  if (known && known.seq >= row.seq && model.listed) return false;
  model.rows.set(row.id, row);
  return true;
}

function takeSignal(
  model: Model,
  signal: Extract<ServerFrame, { t: 'signal' }>['signal'],
  now: number,
): boolean {
  if (signal.type === 'presence') {
    model.agentsOnline = signal.agentsOnline;
    return true;
  }
  const { by, name } = signal;
  model.typing.set(signal.conversation, { by, name, until: now + TYPING_SHOWN_MS });
  return true;
}

/** @returns whether a typing mark has run out and was removed */
export function expireTyping(model: Model, now: number): boolean {
  let changed = false;
  for (const [conversation, typing] of model.typing) {
    if (typing.until <= now) changed = model.typing.delete(conversation) || changed;
  }
  return changed;
}
