/** What happened besides words: one quiet line, the hand-over as a card, the score as stars. */
import type { StoredEvent } from '../../../core/protocol/events.ts';
import { useDesk } from '../state/desk-context.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { time } from '../texts/format.ts';
import type { Texts } from '../texts/texts.ts';
import { HandoverCard } from './handover-card.tsx';
import { Stars } from './stars.tsx';

export function SystemLine({ event }: { event: StoredEvent }) {
  const texts = useTexts();
  const language = useLanguage();
  const me = useDesk().account.agent.id;
  const { body } = event;
  if (body.type === 'handover.requested') {
    return (
      <div className="system-card">
        <HandoverCard reason={body.reason} card={body.card} inline />
      </div>
    );
  }
  if (body.type === 'survey.answered') {
    return (
      <div className="system-card survey-answer">
        <span>{texts.conversation.system.surveyAnswered}</span>
        <Stars score={body.score} />
        {body.comment && <p className="quote">{body.comment}</p>}
      </div>
    );
  }
  const text = words(event, texts, me);
  if (!text) return null;
  return (
    <p className="system-line">
      {text} <time dateTime={new Date(event.at).toISOString()}>{time(language, event.at)}</time>
    </p>
  );
}

function words({ by, body }: StoredEvent, { conversation, list }: Texts, me: string) {
  const { system } = conversation;
  const who =
    by.kind === 'agent'
      ? by.id === me
        ? list.you
        : by.name
      : by.kind === 'bot'
        ? list.bot
        : system.system;
  switch (body.type) {
    case 'conversation.opened':
      return system.opened;
    case 'conversation.assigned':
      return body.agent.id === me ? system.assignedYou : system.assigned(body.agent.name);
    case 'conversation.released':
      return body.to === 'bot' ? system.toBot(who) : system.toQueue(who);
    case 'conversation.resolved':
      return by.kind === 'agent' && by.id === me ? system.resolvedYou : system.resolved(who);
    case 'conversation.reopened':
      return system.reopened;
    case 'survey.sent':
      return system.surveySent;
    default:
      return undefined;
  }
}
