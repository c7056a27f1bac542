/**
 * The widget's one store: frames and wishes go in, a new `Model` comes out. It holds the
 * connection, folds conversations and decides what is kept in this tab. Parts call the methods,
 * they never touch the connection.
 */
import type { ContactCommand } from '../../../core/protocol/commands.ts';
import type { Language } from '../../../core/protocol/entities.ts';
import type { ServerFrame } from '../../../core/protocol/frames.ts';
import type { ServerSignal } from '../../../core/protocol/signals.ts';
import { cleanText } from '../../../core/protocol/text.ts';
import { type Connection, createConnection, type PendingCommand } from '../../shared/connection.ts';
import { createConversations } from '../../shared/conversations.ts';
import { uuid } from '../../shared/uuid.ts';
import { loadConfig } from './config.ts';
import { emptyModel, type Model } from './model.ts';
import { readKept, removeKept, writeKept } from './storage.ts';
import { Timer, TROUBLED_AFTER_MS, TYPING_EXPIRES_MS, TYPING_REPEATS_MS } from './timing.ts';
import { type Wish, wishOf } from './wishes.ts';

const PROTOCOL = 1;

export class Store {
  readonly #language: Language;
  readonly #listeners = new Set<() => void>();
  #model: Model = emptyModel;
  #connection: Connection | undefined;
  readonly #conversations = createConversations({
    onGap: (id) => {
      this.#conversations.forget(id);
      this.#connection?.renew();
    },
  });
  #token: string | undefined;
  #contact: string | undefined;
  /** Conversations that this server has confirmed to be ours; it may forget, e.g. a restore. */
  #confirmed = new Set<string>();
  /** From the first send on; before it, nothing is written to this device. */
  #keeping = false;
  #page: string | undefined;
  #typedAt = 0;
  readonly #troubleTimer = new Timer();
  readonly #typingTimer = new Timer();

  constructor(language: Language) {
    this.#language = language;
  }

  get model(): Model {
    return this.#model;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const kept = readKept();
    this.#keeping = kept !== undefined;
    this.#token = kept?.token;
    this.#contact = kept?.contact;
    this.#set({
      conversationId: kept?.conversation,
      pending: kept?.outbox ?? [],
      loading: kept?.conversation !== undefined,
    });
    await this.reloadConfig();
    this.#connect(this.#model.pending);
  }

  async reloadConfig(): Promise<void> {
    const config = await loadConfig();
    this.#set({ config: config ?? this.#model.config, configFailed: config === undefined });
  }

  /** @param typed as it stands in the input; @returns false when there is nothing to send */
  send(typed: string): boolean {
    const text = cleanText(typed);
    if (text === '') return false;
    this.#ask({ type: 'message.send', text });
    this.#typedAt = 0;
    return true;
  }

  choose(article: string): void {
    this.#ask({ type: 'article.choose', article });
  }

  requestHuman(): void {
    this.#ask({ type: 'human.request' });
  }

  answerSurvey(score: number, typed: string): void {
    const comment = cleanText(typed) || undefined;
    this.#ask({ type: 'survey.answer', score, ...(comment && { comment }) });
  }

  skipSurvey(): void {
    this.#set({ surveySkipped: true });
  }

  retry(id: string): void {
    this.#connection?.retry(id);
  }

  discard(id: string): void {
    this.#connection?.discard(id);
  }

  /** Called at every key; passes on what the other side needs to know, not every key. */
  typing(): void {
    const { conversationId, conversation } = this.#model;
    const now = Date.now();
    if (conversationId === undefined || conversation === undefined) return;
    if (now - this.#typedAt < TYPING_REPEATS_MS) return;
    this.#typedAt = now;
    const signal = { type: 'typing', conversation: conversationId } as const;
    this.#connection?.send({ t: 'signal', signal });
  }

  newConversation(): void {
    this.#show(undefined);
    this.#keep();
  }

  /** Everything that this tab knows goes; the next message comes from a new contact. */
  forget(): void {
    this.#connection?.close();
    this.#conversations.clear();
    this.#token = undefined;
    this.#contact = undefined;
    this.#keeping = false;
    removeKept();
    this.#set({ pending: [], acked: [], ended: false });
    this.#show(undefined);
    this.#connect();
  }

  setPanel(visible: boolean, page?: string): void {
    this.#page = page ?? this.#page;
    this.#set({ visible, framed: true });
  }

  #connect(saved: readonly PendingCommand[] = []): void {
    this.#connection = createConnection({
      address: this.#model.config?.socket ?? '/socket',
      saved: [...saved],
      hello: () => ({
        t: 'hello',
        protocol: PROTOCOL,
        as: 'contact',
        language: this.#language,
        token: this.#token,
        resume: this.#conversations.lastSeqs(),
        epoch: this.#conversations.epoch(),
      }),
      onFrame: (frame) => this.#take(frame),
      onRefused: () => this.#set({ ended: true }),
      onOutbox: (pending) => {
        this.#set({ pending });
        this.#keep();
      },
      onStatus: (status) => {
        this.#set({ status, troubled: status !== 'live' && this.#model.troubled });
        if (status === 'live') this.#troubleTimer.stop();
        else this.#troubleTimer.set(TROUBLED_AFTER_MS, () => this.#set({ troubled: true }));
      },
    });
  }

  #take(frame: ServerFrame): void {
    if (frame.t === 'ack') this.#acked(frame.id, frame.at);
    if (frame.t === 'signal') this.#signalled(frame.signal);
    if (frame.t === 'refusal') this.#refused(frame);
    const changed = this.#conversations.take(frame);
    // What was acknowledged by data that a restore has replaced is not stored any more (G5).
    if (changed && frame.t === 'welcome') this.#set({ acked: [] });
    if (frame.t === 'welcome') this.#welcomed(frame);
    if (changed) this.#refresh(frame);
  }

  #welcomed(frame: Extract<ServerFrame, { t: 'welcome' }>): void {
    const { contact, agentsOnline } = frame;
    const another = this.#contact !== undefined && this.#contact !== contact?.id;
    this.#token = contact?.token ?? this.#token;
    this.#contact = contact?.id ?? this.#contact;
    this.#confirmed = new Set(frame.conversations);
    this.#set({ agentsOnline });
    const id = this.#model.conversationId;
    if (id !== undefined && !frame.conversations.includes(id)) {
      const isOpening = this.#model.pending.some(
        ({ command }) => command.type === 'conversation.open' && command.conversation === id,
      );
      if (another || !isOpening) this.#moveOn(id);
    }
    this.#keep();
  }

  #refresh(frame: ServerFrame): void {
    const id = this.#model.conversationId;
    const conversation = id === undefined ? undefined : this.#conversations.get(id);
    const cids = new Set(conversation?.events.map((event) => event.cid));
    const acked = this.#model.acked.filter(({ pending }) => !cids.has(pending.id));
    const answered =
      frame.t === 'events' && frame.events.some(({ by }) => by.kind === this.#model.typing?.by);
    const typing = answered ? undefined : this.#model.typing;
    this.#set({ conversation, acked, typing, loading: id !== undefined && !conversation });
  }

  #acked(id: string, at: number): void {
    const pending = this.#model.pending.find((item) => item.id === id);
    if (!pending) return;
    this.#confirmed.add(pending.command.conversation);
    this.#set({ acked: [...this.#model.acked, { pending, at }] });
  }

  #signalled(signal: ServerSignal): void {
    if (signal.type === 'presence') this.#set({ agentsOnline: signal.agentsOnline });
    else if (signal.by !== 'contact' && signal.conversation === this.#model.conversationId) {
      this.#set({ typing: { by: signal.by, name: signal.name } });
      this.#typingTimer.set(TYPING_EXPIRES_MS, () => this.#set({ typing: undefined }));
    }
  }

  /** Not ours, or not any more: go on in a new conversation, but never twice for one reason. */
  #refused({ id, code }: Extract<ServerFrame, { t: 'refusal' }>): void {
    const { command } = this.#model.pending.find((item) => item.id === id) ?? {};
    const conversation = command?.conversation;
    if (conversation === undefined) return;
    const isLost = code === 'not_found' && !this.#confirmed.has(conversation);
    if (code === 'conversation_exists' || isLost) this.#moveOn(conversation);
  }

  /** The server does not have this conversation of ours: what is not stored goes on in a new one. */
  #moveOn(id: string): void {
    const left = this.#model.pending.filter(({ command }) => command.conversation === id);
    this.#conversations.forget(id);
    const isShown = id === this.#model.conversationId;
    if (isShown) {
      this.#set({ acked: [] });
      this.#show(undefined);
    }
    for (const { id: cid } of [...left].reverse()) this.#connection?.discard(cid);
    const wishes = left.flatMap((pending) => wishOf(pending) ?? []);
    if (isShown) for (const wish of wishes) this.#ask(wish);
    else if (wishes.length > 0) this.#sendUnseen(wishes);
  }

  /** Written before the contact began anew elsewhere: nobody looks at it, but it must arrive. */
  #sendUnseen(wishes: Wish[]): void {
    const conversation = uuid();
    this.#openCommand(conversation);
    for (const wish of wishes) this.#command({ ...wish, conversation });
  }

  #ask(wish: Wish): void {
    this.#keeping = true;
    const conversation = this.#model.conversationId ?? this.#open();
    this.#command({ ...wish, conversation });
  }

  #open(): string {
    const conversation = uuid();
    this.#show(conversation);
    this.#openCommand(conversation);
    return conversation;
  }

  #openCommand(conversation: string): void {
    this.#command({
      type: 'conversation.open',
      conversation,
      language: this.#language,
      ...(this.#page && { page: this.#page }),
    });
  }

  /** Before the connection exists, commands wait in the model; it starts with them. */
  #command(command: ContactCommand): void {
    if (this.#connection) {
      this.#connection.command(command);
      return;
    }
    this.#set({ pending: [...this.#model.pending, { id: uuid(), command, state: 'sending' }] });
    this.#keep();
  }

  #show(conversationId: string | undefined): void {
    this.#set({
      conversationId,
      conversation: undefined,
      loading: false,
      typing: undefined,
      surveySkipped: false,
    });
  }

  #keep(): void {
    if (!this.#keeping) return;
    writeKept({
      token: this.#token,
      contact: this.#contact,
      conversation: this.#model.conversationId,
      outbox: [...this.#model.pending],
    });
  }

  #set(changes: Partial<Model>): void {
    this.#model = { ...this.#model, ...changes };
    for (const listener of this.#listeners) listener();
  }
}
