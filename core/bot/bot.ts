/**
 * The bot's side of a conversation: turns an understanding into words from approved articles, a
 * question back, or a hand-over. I10: every message carries the AI mark. Pure but for `hear`.
 * Refuses to know sockets, the store and the clock.
 */
import type { ConversationState } from '#core/protocol/apply.ts';
import type { Article, Choice, Language } from '#core/protocol/entities.ts';
import { decideTurn, type TurnDecision } from './dialogue.ts';
import { BOT, type BotEvent, handoverEvents } from './handover.ts';
import type { Understanding } from './inference.ts';
import type { BotModel } from './readiness.ts';
import { WORDS } from './words.ts';

export type BotContext = { agentsOnline: number; serviceHours: Record<Language, string> };
export type BotReply = { decision: TurnDecision['decision'] | 'offer'; events: BotEvent[] };
export type Bot = ReturnType<typeof createBot>;

export function createBot(deps: {
  model: BotModel;
  article: (id: string) => Article | undefined;
  company: string;
}) {
  /** What the contact wants; slow or failing inference is the caller's to bound. */
  const hear = async (text: string, language: Language, before?: string): Promise<Understanding> =>
    deps.model.get().understand({ text, language, ...(before === undefined ? {} : { before }) });

  /** The first message of every conversation: it says that this is an AI. */
  const greeting = (language: Language): BotEvent =>
    say(WORDS[language].greeting(deps.company), {});

  /** The reply to an understood utterance, and what the contact had said before it. */
  function reply(
    state: ConversationState,
    heard: { text: string; before?: string | undefined },
    understanding: Understanding,
    context: BotContext,
  ): BotReply {
    const { model, article } = deps;
    // Nothing recognised says nothing about the language either.
    const isHeard = understanding.candidates.length > 0;
    const language = isHeard ? understanding.language : state.language;
    const decision = decideTurn({
      understanding,
      thresholds: model.get().thresholds(),
      articles: article,
      failures: state.failures,
    });
    if (decision.decision === 'answer') {
      const events = answer(decision.article, language, understanding.confidence);
      return { decision: 'answer', events };
    }
    const considered = titles(understanding, language);
    if (decision.decision === 'ask_back') {
      return { decision: 'ask_back', events: [askBack(decision.candidates, language)] };
    }
    const { reason } = decision;
    // The first time a person is offered, one click away; the second time he is called.
    if (reason === 'not_understood' && state.failures === 0) {
      return { decision: 'offer', events: [offer(language)] };
    }
    const words = reason === 'distress' ? article('distress')?.[language].body : undefined;
    const events = handoverEvents(state, {
      language,
      reason,
      // "Mensch!" alone tells nothing: the words before it do.
      wish: heard.before === undefined ? heard.text : `${heard.before}\n${heard.text}`,
      considered,
      agentsOnline: context.agentsOnline,
      serviceHours: context.serviceHours[language],
      ...(words === undefined ? {} : { words: words.trim() }),
    });
    return { decision: 'hand_over', events };
  }

  /** The answer from one article, also when the contact chose it himself. */
  function answer(id: string, language: Language, confidence?: number): BotEvent[] {
    const found = deps.article(id);
    if (found === undefined) return [offer(language)];
    const { title, body } = found[language];
    const source = found.kind === 'article' ? { title } : {};
    const sure =
      confidence === undefined ? {} : { confidence: Math.round(confidence * 1000) / 1000 };
    return [say(body.trim(), { article: id, ...source, ...sure })];
  }

  function askBack(candidates: string[], language: Language): BotEvent {
    const choices: Choice[] = candidates.map((id) => ({
      kind: 'article',
      article: id,
      label: deps.article(id)?.[language].title ?? id,
    }));
    const human: Choice = { kind: 'human', label: WORDS[language].humanChoice };
    return say(WORDS[language].askBack, {}, [...choices, human]);
  }

  const offer = (language: Language): BotEvent =>
    say(WORDS[language].offer, {}, [{ kind: 'human', label: WORDS[language].humanChoice }]);

  const titles = (understanding: Understanding, language: Language): string[] =>
    understanding.candidates
      .slice(0, 3)
      .map(({ intent }) => deps.article(intent))
      .flatMap((found) => (found?.kind === 'article' ? [found[language].title] : []));

  return Object.freeze({ ready: deps.model.settled, hear, greeting, reply, answer });
}

const say = (
  text: string,
  mark: { article?: string; title?: string; confidence?: number },
  choices?: Choice[],
): BotEvent => ({
  by: BOT,
  body: {
    type: 'message.sent',
    text,
    bot: { ai: true, ...mark },
    ...(choices && { choices }),
  },
});
