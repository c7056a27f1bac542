/**
 * The agent's desk: one connection, the folded model, and what is on the screen of the list.
 * Frames come in here, commands go out here; views read `view` and call the methods.
 */
import type { AgentCommand } from '../../../core/protocol/commands.ts';
import type { Me as Account } from '../../../core/protocol/endpoints.ts';
import type { Availability } from '../../../core/protocol/entities.ts';
import { CLOSE, REFUSALS, type RefusalCode } from '../../../core/protocol/errors.ts';
import type { StoredEvent } from '../../../core/protocol/events.ts';
import {
  type ClientFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
} from '../../../core/protocol/frames.ts';
import {
  type ConnectionStatus,
  createConnection,
  type PendingCommand,
} from '../../shared/connection.ts';
import { createConversations } from '../../shared/conversations.ts';
import { type Arrangement, arrange, nothingArranged, settle } from './arrange.ts';
import { savedOutbox, saveOutbox } from './drafts.ts';
import { emptyModel, expireTyping, fold, type Row } from './model.ts';
import { counts, type Section, wanted } from './sections.ts';
import { settings } from './settings.ts';
import { createStore } from './store.ts';

export type CatchUp = { messages: number; rows: number };
export type DeskView = {
  /** Raised with every change of the model, which is changed in place. */
  version: number;
  status: ConnectionStatus;
  since: number;
  section: Section;
  filter: string;
  list: Arrangement;
  counts: Record<Section, number>;
  pending: readonly PendingCommand[];
  open: string | undefined;
  availability: Availability;
  catchUp: CatchUp | undefined;
  /** The server does not want this page again: only a reload helps. */
  stopped: boolean;
};
export type DeskListener = {
  onRefused: (refused: { code: RefusalCode; conversation?: string; quiet: boolean }) => void;
  onWaiting: () => void;
  onSignedOut: () => void;
};

/** Always the same object: views compare by identity. */
const NO_EVENTS: readonly StoredEvent[] = [];
const PUBLISH_EVERY_MS = 60;
const CATCH_UP_SHOWN_MS = 6_000;

export class Desk {
  readonly account: Account;
  readonly model = emptyModel();
  readonly conversations = createConversations({
    onGap: (conversation, after) => this.#send({ t: 'watch', conversation, after }),
  });
  readonly view = createStore<DeskView>({
    version: 0,
    status: 'connecting',
    since: Date.now(),
    section: 'waiting',
    filter: '',
    list: nothingArranged,
    counts: { waiting: 0, mine: 0, bot: 0, all: 0 },
    pending: savedOutbox(),
    open: undefined,
    availability: 'online',
    catchUp: undefined,
    stopped: false,
  });
  readonly #connection: ReturnType<typeof createConnection>;
  readonly #listener: DeskListener;
  /** Rows under the cursor or with the keyboard's focus. */
  readonly #pointed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watched: string | undefined;
  #wishedAvailability: Availability | undefined;
  #welcomes = 0;
  #catchingUp: { conversation: string | undefined; after: number } | undefined;

  constructor(account: Account, listener: DeskListener) {
    this.account = account;
    this.#listener = listener;
    this.#connection = createConnection({
      address: account.socket,
      hello: () => ({ t: 'hello', protocol: PROTOCOL_VERSION, as: 'agent', resume: {} }),
      onFrame: (frame) => this.#take(frame),
      onStatus: (status, since) => this.view.set({ status, since }),
      onOutbox: (pending) => {
        saveOutbox(pending);
        this.view.set({ pending });
      },
      onRefused: (code) => {
        if (code === CLOSE.signed_out) listener.onSignedOut();
        else this.view.set({ stopped: true });
      },
      saved: savedOutbox(),
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#connection.close();
  }

  now = (): number => Date.now() + this.model.clockOffset;

  /** The newest of what list and events say about a conversation: both are the same fold. */
  row(id: string): Row | undefined {
    const row = this.model.rows.get(id);
    const state = this.conversations.get(id)?.state;
    return state && state.seq > 0 && state.seq >= (row?.seq ?? 0) ? state : row;
  }

  events = (id: string): readonly StoredEvent[] => this.conversations.get(id)?.events ?? NO_EVENTS;

  /** Shows a conversation; events are asked for from where the cache ends. */
  show(id: string | undefined): void {
    if (this.#watched && this.#watched !== id) {
      this.#send({ t: 'unwatch', conversation: this.#watched });
    }
    const news = this.#watched !== id;
    this.#watched = id;
    if (id && news) this.#watch(id);
    this.view.set({ open: id });
    this.#rearrange(this.#pointed.size === 0);
  }

  command(command: AgentCommand): string {
    return this.#connection.command(command);
  }
  retry = (id: string): void => this.#connection.retry(id);
  discard = (id: string): void => this.#connection.discard(id);
  typing = (conversation: string): void =>
    this.#send({ t: 'signal', signal: { type: 'typing', conversation } });

  setAvailability(availability: Availability): void {
    const live = this.view.get().status === 'live';
    this.#wishedAvailability = live ? undefined : availability;
    this.view.set({ availability });
    this.#send({ t: 'availability', availability });
  }

  choose(section: Section): void {
    this.view.set({ section });
    this.#rearrange(true);
  }
  filter(filter: string): void {
    this.view.set({ filter });
    this.#rearrange(true);
  }
  settle = (): void => this.#rearrange(true);

  /** The pointer or the focus is on this row: it must not move. */
  point(id: string, on: boolean): void {
    if (on) this.#pointed.add(id);
    else this.#pointed.delete(id);
  }

  /** @returns the conversation that has waited longest, leaving `except` out */
  longestWaiting(except?: string): string | undefined {
    return wanted(this.model.rows.values(), 'waiting', this.account.agent.id).find(
      (id) => id !== except,
    );
  }

  #send(frame: ClientFrame): void {
    this.#connection.send(frame);
  }

  #watch(id: string): void {
    const after = this.conversations.get(id)?.state.seq ?? 0;
    this.#send({ t: 'watch', conversation: id, after });
  }

  #take(frame: ServerFrame): void {
    if (frame.t === 'welcome') this.#welcomed(frame.agent?.availability);
    const grown = this.conversations.take(frame);
    const changed = fold(this.model, frame, Date.now());
    if (frame.t === 'refusal') this.#refused(frame);
    if (frame.t === 'reset' && frame.conversation === this.#watched)
      this.#watch(frame.conversation);
    if (frame.t === 'list') this.#caughtUp(0, this.model.changedAway);
    if (frame.t === 'events') this.#countCaughtUp(frame.conversation, frame.events);
    if (grown || changed) this.#publishSoon();
  }

  #welcomed(availability: Availability | undefined): void {
    this.#welcomes += 1;
    const wished = this.#wishedAvailability;
    this.#wishedAvailability = undefined;
    if (wished) {
      queueMicrotask(() => this.#send({ t: 'availability', availability: wished }));
    } else if (availability) {
      this.view.set({ availability });
    }
    const id = this.#watched;
    if (this.#welcomes > 1) {
      const after = id ? (this.conversations.get(id)?.state.seq ?? 0) : 0;
      this.#catchingUp = { conversation: id, after };
    }
    if (id) queueMicrotask(() => this.#watch(id));
  }

  #countCaughtUp(conversation: string, events: readonly StoredEvent[]): void {
    const waitingFor = this.#catchingUp;
    if (!waitingFor || waitingFor.conversation !== conversation) return;
    const me = this.account.agent.id;
    const messages = events.filter(
      ({ seq, by, body }) =>
        seq > waitingFor.after &&
        body.type === 'message.sent' &&
        !(by.kind === 'agent' && by.id === me),
    );
    this.#caughtUp(messages.length, []);
  }

  #caughtUp(messages: number, changed: readonly string[]): void {
    if (!this.#catchingUp) return;
    const before = this.view.get().catchUp ?? { messages: 0, rows: 0 };
    const rows = changed.filter((id) => id !== this.#watched).length;
    const catchUp = { messages: before.messages + messages, rows: before.rows + rows };
    this.view.set({ catchUp });
    setTimeout(() => {
      this.#catchingUp = undefined;
      if (this.view.get().catchUp === catchUp) this.view.set({ catchUp: undefined });
    }, CATCH_UP_SHOWN_MS);
  }

  /** A refused message stays in the transcript to be sent again; a refused action is only told. */
  #refused(frame: Extract<ServerFrame, { t: 'refusal' }>): void {
    const { id, code } = frame;
    if (code === 'sign_in_required') this.#listener.onSignedOut();
    const pending = this.view.get().pending.find((one) => one.id === id);
    const type = pending?.command.type;
    const isText = type === 'message.send' || type === 'note.add';
    if (id && pending && !isText && !REFUSALS[code]?.retry) queueMicrotask(() => this.discard(id));
    const quiet = isText && code === 'conversation_not_yours';
    this.#listener.onRefused({ code, conversation: pending?.command.conversation, quiet });
  }

  #publishSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#publish();
    }, PUBLISH_EVERY_MS);
  }

  #publish(): void {
    const before = this.view.get().counts.waiting;
    this.#rearrange(false);
    const waiting = this.view.get().counts.waiting;
    if (waiting > before && settings.get().sound) this.#listener.onWaiting();
    const next = [...this.model.typing.values()].map((typing) => typing.until - Date.now());
    if (next.length > 0) {
      setTimeout(
        () => {
          if (expireTyping(this.model, Date.now())) this.#publishSoon();
        },
        Math.max(50, Math.min(...next) + 20),
      );
    }
  }

  #rearrange(fresh: boolean): void {
    const { section, filter, list, open, version } = this.view.get();
    const me = this.account.agent.id;
    const ids = wanted(this.model.rows.values(), section, me, filter);
    const pinned = open ? [...this.#pointed, open] : [...this.#pointed];
    this.view.set({
      version: version + 1,
      list: fresh ? settle(ids) : arrange(list, ids, pinned),
      counts: counts(this.model.rows.values(), me),
    });
  }
}
