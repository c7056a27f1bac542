/**
 * The bot's turns: one at a time per conversation, outside the lane while the model thinks, inside
 * it when the reply is committed. A reply that comes too late is dropped and counted (I4): when
 * people have taken over, or when the contact has written on (then the turn starts again).
 */
import type { Bot, BotContext } from '#core/bot/bot.ts';
import { type BotEvent, handoverEvents } from '#core/bot/handover.ts';
import type { Understanding } from '#core/bot/inference.ts';
import type { Clock } from '#core/platform/clock.ts';
import {
  BOT_TURN_MAX_MS,
  BOT_TURNS_AT_ONCE,
  BOT_TURNS_WAITING_MAX,
  UTTERANCE_LENGTH_MAX,
} from '#core/platform/limits.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { TYPING_REPEATS_MS } from '#core/protocol/signals.ts';
import { cutText } from '#core/protocol/text.ts';
import { type Conversations, isBotDue } from '#core/store/conversations.ts';
import { createGate } from './gate.ts';
import type { Lanes } from './lane.ts';

/** After this the contact is shown that the bot is at work. */
const TYPING_AFTER_MS = 60;
/** First wait before a reply that the store refused is tried again; doubled each time. */
const REFUSED_PAUSE_MS = 125;
/** Then it stays due, for the contact's next message or the next start. */
const REFUSALS_MAX = 6;
/** More messages than this in one turn are not read. */
const MESSAGES_PER_TURN_MAX = 20;

type Heard = {
  text: string;
  before?: string | undefined;
  understanding: Understanding | undefined;
  seq: number;
};
export type BotTurns = ReturnType<typeof createBotTurns>;

export function createBotTurns(deps: {
  lanes: Lanes;
  bot: Bot;
  store: Conversations;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  context: () => BotContext;
  typing: (state: ConversationState) => void;
}) {
  const { lanes, bot, clock, metrics } = deps;
  const running = new Set<string>();
  const gate = createGate({ atOnce: BOT_TURNS_AT_ONCE, waitingMax: BOT_TURNS_WAITING_MAX });
  let isStopped = false;

  /** Starts a turn unless one runs; that one sees the newer message by itself. */
  function start(conversation: string): void {
    if (isStopped || running.has(conversation)) return;
    running.add(conversation);
    turns(conversation).catch((error) => deps.log.error('bot turn failed', errorFields(error)));
  }

  async function turns(conversation: string): Promise<void> {
    try {
      for (let refusals = 0; !isStopped && refusals <= REFUSALS_MAX; ) {
        const state = lanes.state(conversation);
        if (!state || !isBotDue(state)) return;
        const started = clock.elapsed();
        const decision = await commit(state.id, await hear(state));
        if (decision === 'refused') {
          refusals++;
          await pause(REFUSED_PAUSE_MS * 2 ** refusals);
          continue;
        }
        refusals = 0;
        if (decision) metrics.botTurnMs.observe({ decision }, clock.elapsed() - started);
      }
    } finally {
      // In the same step as the last look at the state: no message can fall in between.
      running.delete(conversation);
    }
  }

  async function hear(state: ConversationState): Promise<Heard> {
    const { text, before } = utterance(state);
    const stopTyping = showTyping(state);
    try {
      await bot.ready();
      // Waiting for a place is no fault of the model: its time runs from then on.
      const understanding = await gate.pass(() => within(bot.hear(text, state.language, before)));
      return { text, before, understanding, seq: state.contactSeq };
    } catch (error) {
      if (!isStopped) deps.log.warn('bot could not understand', errorFields(error));
      return { text, understanding: undefined, seq: state.contactSeq };
    } finally {
      stopTyping();
    }
  }

  function showTyping(state: ConversationState): () => void {
    const show = (): void => {
      deps.typing(state);
      cancel = clock.after(TYPING_REPEATS_MS, show);
    };
    let cancel = clock.after(TYPING_AFTER_MS, show);
    return () => cancel();
  }

  /** The contact's newest messages since the last reply, as one utterance, and the one before. */
  function utterance(state: ConversationState): { text: string; before?: string } {
    const { answeredSeq, contactSeq, id } = state;
    const texts = (of: StoredEvent[]): string[] =>
      of.flatMap(({ by, body }) =>
        by.kind === 'contact' && body.type === 'message.sent' ? [body.text] : [],
      );
    const from = Math.max(answeredSeq, contactSeq - MESSAGES_PER_TURN_MAX);
    const now = deps.store.eventsAfter(id, from, MESSAGES_PER_TURN_MAX);
    const [before] = answeredSeq > 0 ? texts(deps.store.eventsAfter(id, answeredSeq - 1, 1)) : [];
    const text = newestOf(texts(now));
    return before === undefined ? { text } : { text, before };
  }

  /** As much as is read in one turn; the newest words count most, so they are never cut away. */
  function newestOf(texts: string[]): string {
    let heard = cutText(texts.at(-1) ?? '', UTTERANCE_LENGTH_MAX);
    for (const text of texts.slice(0, -1).reverse()) {
      if (text.length + 1 + heard.length > UTTERANCE_LENGTH_MAX) break;
      heard = `${text}\n${heard}`;
    }
    return heard;
  }

  async function commit(conversation: string, heard: Heard): Promise<string | undefined> {
    let decision: string | undefined;
    let dropped: 'owner_changed' | 'superseded' | undefined;
    const outcome = await lanes.run({
      conversation,
      by: { kind: 'bot' },
      decide: (state) => {
        decision = undefined;
        dropped = undefined;
        // At the stop the message stays due; the next start takes the turn.
        if (isStopped) return [];
        if (state.owner.kind !== 'bot') dropped = 'owner_changed';
        else if (state.contactSeq !== heard.seq) dropped = 'superseded';
        if (dropped) return [];
        const made = reply(state, heard);
        decision = made.decision;
        return made.events;
      },
    });
    if (dropped) metrics.botDropped.inc({ reason: dropped });
    return isRefusal(outcome) ? 'refused' : decision;
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });

  function reply(
    state: ConversationState,
    { text, before, understanding }: Heard,
  ): { decision: string; events: BotEvent[] } {
    const context = deps.context();
    if (understanding) return bot.reply(state, { text, before }, understanding, context);
    const events = handoverEvents(state, {
      language: state.language,
      reason: 'bot_unavailable',
      wish: text,
      agentsOnline: context.agentsOnline,
      serviceHours: context.serviceHours[state.language],
    });
    return { decision: 'unavailable', events };
  }

  function within<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(BOT_TURN_MAX_MS, () => reject(new Error('bot turn timed out')));
      promise.then(resolve, reject).finally(cancel);
    });
  }

  /** Turns that were owed when the process ended are taken now. */
  function resume(): void {
    for (const conversation of deps.store.botDue()) start(conversation);
  }

  /** From now on nothing is committed any more. */
  function stop(): void {
    isStopped = true;
  }

  return Object.freeze({ start, resume, stop });
}
