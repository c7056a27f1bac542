/**
 * The bot's turns: one at a time per conversation, outside the lane while the model thinks, inside
 * it when the reply is committed. A reply that comes too late is dropped and counted (I4): when
 * people have taken over, or when the contact has written on (then the turn starts again).
 */
import type { Bot, BotContext } from '#core/bot/bot.ts';
import { type BotEvent, handoverEvents } from '#core/bot/handover.ts';
import type { Understanding } from '#core/bot/inference.ts';
import type { Clock } from '#core/platform/clock.ts';
import { BOT_TURN_MAX_MS, UTTERANCE_LENGTH_MAX } from '#core/platform/limits.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { type Conversations, isBotDue } from '#core/store/conversations.ts';
import type { Lanes } from './lane.ts';

/** After this the contact is shown that the bot is at work. */
const TYPING_AFTER_MS = 60;
/** Wait before a reply that the store had no room for is tried again. */
const BUSY_PAUSE_MS = 250;
/** More messages than this in one turn are not read. */
const MESSAGES_PER_TURN_MAX = 20;

type Heard = { text: string; understanding: Understanding | undefined; seq: number };
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

  /** Starts a turn unless one runs; that one sees the newer message by itself. */
  function start(conversation: string): void {
    if (running.has(conversation)) return;
    running.add(conversation);
    turns(conversation).catch((error) => deps.log.error('bot turn failed', errorFields(error)));
  }

  async function turns(conversation: string): Promise<void> {
    try {
      for (;;) {
        const state = lanes.state(conversation);
        if (!state || !isBotDue(state)) return;
        const started = clock.elapsed();
        const decision = await commit(state.id, await hear(state));
        if (decision === 'busy') await pause(BUSY_PAUSE_MS);
        else if (decision) metrics.botTurnMs.observe({ decision }, clock.elapsed() - started);
      }
    } finally {
      // In the same step as the last look at the state: no message can fall in between.
      running.delete(conversation);
    }
  }

  async function hear(state: ConversationState): Promise<Heard> {
    const { text, before } = utterance(state);
    const stopTyping = clock.after(TYPING_AFTER_MS, () => deps.typing(state));
    try {
      await bot.ready();
      const understanding = await within(bot.hear(text, state.language, before));
      return { text, understanding, seq: state.contactSeq };
    } catch (error) {
      deps.log.warn('bot could not understand', errorFields(error));
      return { text, understanding: undefined, seq: state.contactSeq };
    } finally {
      stopTyping();
    }
  }

  /** The contact's messages since the last reply, as one utterance, and the one before them. */
  function utterance(state: ConversationState): { text: string; before?: string } {
    const from = Math.max(0, state.answeredSeq - 1);
    const events = deps.store.eventsAfter(state.id, from, MESSAGES_PER_TURN_MAX);
    const texts = (of: StoredEvent[]): string[] =>
      of.flatMap(({ by, body }) =>
        by.kind === 'contact' && body.type === 'message.sent' ? [body.text] : [],
      );
    const now = events.filter((event) => event.seq > state.answeredSeq);
    const before = texts(events.filter((event) => event.seq <= state.answeredSeq)).at(-1);
    const text = texts(now).join('\n').slice(0, UTTERANCE_LENGTH_MAX);
    return before === undefined ? { text } : { text, before };
  }

  async function commit(conversation: string, heard: Heard): Promise<string | undefined> {
    let decision: string | undefined;
    const outcome = await lanes.run({
      conversation,
      by: { kind: 'bot' },
      decide: (state) => {
        if (state.owner.kind !== 'bot') return dropped('owner_changed');
        if (state.contactSeq !== heard.seq) return dropped('superseded');
        const made = reply(state, heard);
        decision = made.decision;
        for (const { body } of made.events) {
          if (body.type === 'handover.requested') metrics.handovers.inc({ reason: body.reason });
        }
        return made.events;
      },
    });
    return isRefusal(outcome) ? 'busy' : decision;
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });

  function dropped(reason: 'owner_changed' | 'superseded'): [] {
    metrics.botDropped.inc({ reason });
    return [];
  }

  function reply(
    state: ConversationState,
    { text, understanding }: Heard,
  ): { decision: string; events: BotEvent[] } {
    const context = deps.context();
    if (understanding) return bot.reply(state, text, understanding, context);
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

  return Object.freeze({ start, resume });
}
