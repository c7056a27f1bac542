/**
 * An agent's console: the production connection, fold and list model of `web/`, and around them
 * what the desk does with them (watching, refused actions, what is kept over a reload). A person
 * by chance sits in front of it.
 */
import { SIGN_IN_COOKIE } from '#core/gateway/websocket/peer.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import { REFUSALS } from '#core/protocol/errors.ts';
import { PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import { emptyModel, fold } from '../../web/console/state/model.ts';
import type { PendingCommand } from '../../web/shared/connection.ts';
import { createConversations } from '../../web/shared/conversations.ts';
import { type ActorDeps, LONG_TEXT } from './actor.ts';
import { NOTE_MARK } from './lookout.ts';
import { saying } from './truth.ts';

const ACTIONS = {
  show: 4,
  take: 6,
  write: 8,
  note: 3,
  toQueue: 1.5,
  toBot: 1.5,
  resolve: 3,
  away: 0.5,
  typing: 0.5,
  wake: 0.5,
  retry: 1,
} as const;
/** Share of actions on a conversation that is not his. */
const AMISS = 0.15;

export type Desk = ReturnType<typeof createDesk>;

/** @param saved the outbox that an earlier page has kept */
export function createDesk(
  deps: ActorDeps & { onSignedOut: () => void },
  agent: { id: string; name: string; token: string },
  saved: readonly PendingCommand[] = [],
) {
  const { chance } = deps;
  const name = agent.name;
  const wakers = new Set<() => void>();
  const model = emptyModel();
  let said = 0;
  let isClosed = false;
  let isLive = false;
  let watched: string | undefined;
  let pending = saved;

  const conversations = createConversations({
    onGap: (conversation, after) => {
      deps.find('G3', `${name} misses what follows ${after} in ${conversation}`);
      connection.send({ t: 'watch', conversation, after });
    },
  });

  const connection = deps.connect({
    address: name,
    saved: [...saved],
    environment: deps.environment(
      name,
      () => isClosed,
      wakers,
      () => `${SIGN_IN_COOKIE}=${agent.token}`,
    ),
    hello: () => ({ t: 'hello', protocol: PROTOCOL_VERSION, as: 'agent', resume: {} }),
    onFrame: take,
    onOutbox: (now) => {
      pending = now;
    },
    onStatus: (status) => {
      isLive = status === 'live';
    },
    onRefused: () => {
      isClosed = true;
      deps.onSignedOut();
    },
  });

  function take(frame: ServerFrame): void {
    conversations.take(frame);
    fold(model, frame, deps.now());
    if (frame.t === 'welcome' && watched) queueMicrotask(() => watched && watch(watched));
    if (frame.t === 'reset' && frame.conversation === watched) watch(frame.conversation);
    if (frame.t === 'refusal') refused(frame);
  }

  /** A refused message stays to be sent again; a refused action is only told. */
  function refused({ id, code }: Extract<ServerFrame, { t: 'refusal' }>): void {
    const type = pending.find((item) => item.id === id)?.command.type;
    const isText = type === 'message.send' || type === 'note.add';
    if (id === undefined || type === undefined || isText || REFUSALS[code]?.retry) return;
    queueMicrotask(() => connection.discard(id));
  }

  function watch(id: string): void {
    const after = conversations.get(id)?.state.seq ?? 0;
    connection.send({ t: 'watch', conversation: id, after });
  }

  function show(id: string | undefined): void {
    if (watched === id) return;
    if (watched) connection.send({ t: 'unwatch', conversation: watched });
    watched = id;
    if (id) watch(id);
  }

  const rows = (): ConversationState[] => [...model.rows.values()];
  const isMine = ({ owner }: ConversationState): boolean =>
    owner.kind === 'agent' && owner.id === agent.id;

  /** One of those that fit, or, now and then, one that does not. */
  function some(fits: (row: ConversationState) => boolean): string | undefined {
    const all = rows().filter(({ status }) => status === 'open');
    const fitting = chance.happens(AMISS) ? all : all.filter(fits);
    return fitting.length > 0 ? chance.pick(fitting).id : undefined;
  }

  const text = (mark: string): string => {
    const length = chance.happens(deps.longTexts) ? LONG_TEXT : 0;
    return saying(name, ++said, false, `${mark} gern${'.'.repeat(length)}`);
  };

  /** Something that agents do. */
  function act(): void {
    const action = chance.weighted(ACTIONS);
    switch (action) {
      case 'show':
        return show(chance.happens(0.1) ? undefined : some(() => true));
      case 'away':
        return connection.send({
          t: 'availability',
          availability: chance.pick(['online', 'away']),
        });
      case 'wake':
        for (const run of [...wakers]) run();
        return;
      case 'retry':
        for (const { id, state } of pending) if (state === 'failed') connection.discard(id);
        return;
    }
    const wantsMine = action !== 'take' && action !== 'note';
    const conversation = some(wantsMine ? isMine : (row) => !isMine(row));
    if (conversation === undefined) return;
    if (chance.happens(0.5)) show(conversation);
    if (action === 'typing') {
      return connection.send({ t: 'signal', signal: { type: 'typing', conversation } });
    }
    ask(action, conversation);
  }

  type Ask = 'take' | 'write' | 'note' | 'toQueue' | 'toBot' | 'resolve';
  function ask(what: Ask, conversation: string): void {
    switch (what) {
      case 'take':
        return void connection.command({ type: 'conversation.take', conversation });
      case 'write':
        return void connection.command({ type: 'message.send', conversation, text: text('') });
      case 'note':
        return void connection.command({
          type: 'note.add',
          conversation,
          text: text(NOTE_MARK),
        });
      case 'toQueue':
        return void connection.command({ type: 'conversation.release', conversation, to: 'queue' });
      case 'toBot':
        return void connection.command({ type: 'conversation.release', conversation, to: 'bot' });
      case 'resolve':
        return void connection.command({ type: 'conversation.resolve', conversation });
    }
  }

  function leave(): readonly PendingCommand[] {
    isClosed = true;
    connection.close();
    return pending;
  }

  return {
    name,
    agent,
    conversations,
    model,
    act,
    ask,
    show,
    leave,
    isMine,
    rows,
    watched: () => watched,
    pending: () => pending,
    isLive: () => isLive,
    wake: (): void => {
      for (const run of [...wakers]) run();
    },
  };
}
