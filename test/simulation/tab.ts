/**
 * A contact's browser tab: the production connection, outbox and fold of `web/shared`, and around
 * them what the widget's store does with them (welcome, moving on, what is kept over a reload).
 * A person by chance sits in front of it.
 */
import type { ContactCommand } from '#core/protocol/commands.ts';
import { PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import type { PendingCommand } from '../../web/shared/connection.ts';
import { createConversations } from '../../web/shared/conversations.ts';
import { type Wish, wishOf } from '../../web/widget/state/wishes.ts';
import { type ActorDeps, LONG_TEXT } from './actor.ts';
import { saying } from './truth.ts';

/** What the widget keeps in the tab's storage. */
export type Kept = {
  token?: string | undefined;
  contact?: string | undefined;
  conversation?: string | undefined;
  outbox: PendingCommand[];
};

const ACTIONS = {
  write: 12,
  choose: 3,
  human: 1.5,
  survey: 2,
  another: 0.7,
  typing: 1,
  wake: 1,
  retry: 2,
} as const;

export type Tab = ReturnType<typeof createTab>;

/** @param kept what an earlier page of this tab (or the tab it was copied from) has kept */
export function createTab(
  deps: ActorDeps & { onEnded: (code: number) => void },
  name: string,
  kept?: Kept,
) {
  const { chance } = deps;
  const wakers = new Set<() => void>();
  let said = 0;
  let isClosed = false;
  let isLive = false;
  let token = kept?.token;
  let contact = kept?.contact;
  let shown = kept?.conversation;
  let pending: readonly PendingCommand[] = kept?.outbox ?? [];
  let confirmed = new Set<string>();

  const conversations = createConversations({
    onGap: (id, after) => {
      deps.find('G3', `${name} misses what follows ${after} in ${id}`);
      conversations.forget(id);
      connection.renew();
    },
  });

  const connection = deps.connect({
    address: name,
    saved: [...pending],
    environment: deps.environment(name, () => isClosed, wakers),
    hello: () => ({
      t: 'hello',
      protocol: PROTOCOL_VERSION,
      as: 'contact',
      language: 'de',
      token,
      resume: conversations.lastSeqs(),
      epoch: conversations.epoch(),
    }),
    onFrame: take,
    onOutbox: (now) => {
      pending = now;
    },
    onStatus: (status) => {
      isLive = status === 'live';
    },
    onRefused: (code) => {
      isClosed = true;
      deps.onEnded(code);
    },
  });

  function take(frame: ServerFrame): void {
    if (frame.t === 'ack') confirmed.add(conversationOf(frame.id) ?? frame.conversation);
    if (frame.t === 'refusal') refused(frame);
    conversations.take(frame);
    if (frame.t === 'welcome') welcomed(frame);
  }

  const conversationOf = (id: string): string | undefined =>
    pending.find((item) => item.id === id)?.command.conversation;

  function welcomed(frame: Extract<ServerFrame, { t: 'welcome' }>): void {
    const isAnother = contact !== undefined && contact !== frame.contact?.id;
    token = frame.contact?.token ?? token;
    contact = frame.contact?.id ?? contact;
    confirmed = new Set(frame.conversations);
    if (shown === undefined || frame.conversations.includes(shown)) return;
    const isOpening = pending.some(
      ({ command }) => command.type === 'conversation.open' && command.conversation === shown,
    );
    if (isAnother || !isOpening) moveOn(shown);
  }

  function refused({ id, code }: Extract<ServerFrame, { t: 'refusal' }>): void {
    const conversation = id === undefined ? undefined : conversationOf(id);
    if (conversation === undefined) return;
    const isLost = code === 'not_found' && !confirmed.has(conversation);
    if (code === 'conversation_exists' || isLost) moveOn(conversation);
  }

  /** The server does not have this conversation of ours: what is not stored goes on in a new one. */
  function moveOn(id: string): void {
    const left = pending.filter(({ command }) => command.conversation === id);
    deps.trace(`${name} moves on from ${id} with ${left.length}`);
    conversations.forget(id);
    const isShown = id === shown;
    if (isShown) shown = undefined;
    for (const { id: cid } of [...left].reverse()) connection.discard(cid);
    const wishes = left.flatMap((item) => wishOf(item) ?? []);
    if (isShown) for (const wish of wishes) ask(wish);
    else if (wishes.length > 0) {
      const conversation = open();
      for (const wish of wishes) command(wish, conversation);
    }
  }

  function command(wish: Wish, conversation: string): void {
    connection.command({ ...wish, conversation } as ContactCommand);
  }

  function ask(wish: Wish): void {
    shown ??= open();
    command(wish, shown);
  }

  function open(): string {
    const conversation = chance.uuid(deps.now());
    connection.command({ type: 'conversation.open', conversation, language: 'de' });
    return conversation;
  }

  /** A second conversation, beside the one that was shown. */
  function beginAnew(): void {
    shown = undefined;
    ask({ type: 'message.send', text: text() });
  }

  const text = (): string => {
    const length = chance.happens(deps.longTexts) ? LONG_TEXT : 0;
    return saying(name, ++said, false, `hilft mir jemand?${'.'.repeat(length)}`);
  };

  /** Something that people do. */
  function act(): void {
    switch (chance.weighted(ACTIONS)) {
      case 'write':
        return ask({ type: 'message.send', text: text() });
      case 'choose':
        return ask({ type: 'article.choose', article: chance.pick(deps.articles).id });
      case 'human':
        return ask({ type: 'human.request' });
      case 'survey':
        return answerSurvey();
      case 'another':
        shown = undefined;
        return;
      case 'typing':
        if (shown === undefined) return;
        return connection.send({ t: 'signal', signal: { type: 'typing', conversation: shown } });
      case 'wake':
        return wake();
      case 'retry':
        return retryFailed();
    }
  }

  function answerSurvey(): void {
    const state = shown === undefined ? undefined : conversations.get(shown)?.state;
    if (state?.survey === undefined || state.survey.score !== undefined) return;
    ask({ type: 'survey.answer', score: chance.between(1, 5) });
  }

  /** Out of turn by the person's own wish: from here on order is no promise. */
  function retryFailed(): void {
    const failed = pending.filter(({ state }) => state === 'failed');
    if (failed.length === 0) return;
    for (const { id } of failed) connection.discard(id);
  }

  function wake(): void {
    for (const run of [...wakers]) run();
  }

  function keep(): Kept {
    return { token, contact, conversation: shown, outbox: [...pending] };
  }

  /** The page is left: what it kept stays, its socket goes. */
  function leave(): Kept {
    isClosed = true;
    connection.close();
    return keep();
  }

  return {
    name,
    conversations,
    act,
    beginAnew,
    write: (): void => ask({ type: 'message.send', text: text() }),
    wake,
    keep,
    leave,
    pending: () => pending,
    contact: () => contact,
    isLive: () => isLive,
  };
}
