/** One message or note in the transcript, and one that still waits in the outbox. */
import type { StoredEvent } from '../../../core/protocol/events.ts';
import { IconAlert, IconBot, IconClock, IconNote } from '../icons.ts';
import { AiMark } from '../list/owner-mark.tsx';
import { useDesk, useView } from '../state/desk-context.ts';
import { changeDraft } from '../state/drafts.ts';
import { contactTail } from '../state/names.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { percent, time } from '../texts/format.ts';
import type { Outgoing } from './entries.ts';
import { PlainText, RichText } from './rich-text.tsx';

type Body<T> = Extract<StoredEvent['body'], { type: T }>;

export function Message({ event, continued }: { event: StoredEvent; continued: boolean }) {
  const language = useLanguage();
  const body = event.body as Body<'message.sent'> | Body<'note.added'>;
  const note = body.type === 'note.added';
  const by = note ? 'note' : event.by.kind === 'system' ? 'bot' : event.by.kind;
  return (
    <article className="message" data-by={by} data-continued={continued}>
      {!continued && (
        <header>
          <Speaker event={event} />
          <time dateTime={new Date(event.at).toISOString()}>{time(language, event.at)}</time>
        </header>
      )}
      <div className="bubble" title={time(language, event.at)}>
        {note && <NoteLabel />}
        {by === 'contact' || note ? <PlainText text={body.text} /> : <RichText text={body.text} />}
        {body.type === 'message.sent' && <BotSource body={body} />}
      </div>
    </article>
  );
}

function Speaker({ event }: { event: StoredEvent }) {
  const desk = useDesk();
  const { list } = useTexts();
  const { by } = event;
  if (by.kind === 'contact') return <strong>{list.contact(contactTail(by.id))}</strong>;
  if (by.kind === 'agent') {
    return <strong>{by.id === desk.account.agent.id ? list.you : by.name}</strong>;
  }
  return (
    <strong className="speaker-bot">
      <IconBot size={14} aria-hidden />
      {list.bot} <AiMark />
    </strong>
  );
}

export function NoteLabel() {
  const { conversation } = useTexts();
  return (
    <span className="note-label">
      <IconNote size={12} aria-hidden />
      {conversation.internal}
    </span>
  );
}

/** Where the bot took its words from, how sure it was, what it offered. */
function BotSource({ body }: { body: Body<'message.sent'> }) {
  const { conversation } = useTexts();
  const language = useLanguage();
  const { bot, choices } = body;
  const offered = choices?.map((choice) => choice.label) ?? [];
  if (!bot?.title && offered.length === 0) return null;
  return (
    <footer className="bot-source">
      {bot?.title && <span>{conversation.source(bot.title)}</span>}
      {bot?.title && bot.confidence !== undefined && (
        <span className="confidence">
          {conversation.confidence(percent(language, bot.confidence))}
        </span>
      )}
      {offered.length > 0 && (
        <span className="offered">
          {conversation.choices}{' '}
          {offered.map((label) => (
            <span key={label} className="offered-choice">
              {label}
            </span>
          ))}
        </span>
      )}
    </footer>
  );
}

type PendingProps = { pending: Outgoing; text: string; note: boolean };

export function PendingMessage({ pending, text, note }: PendingProps) {
  const { conversation } = useTexts();
  const live = useView((view) => view.status === 'live');
  const failed = pending.state === 'failed';
  return (
    <article className="message" data-by={note ? 'note' : 'agent'} data-pending={pending.state}>
      <div className="bubble">
        {note && <NoteLabel />}
        {note ? <PlainText text={text} /> : <RichText text={text} />}
      </div>
      {failed ? (
        <FailedActions pending={pending} text={text} note={note} />
      ) : (
        <p className="message-state">
          <IconClock size={13} aria-hidden />
          {live ? conversation.sending : conversation.waitingOffline}
        </p>
      )}
    </article>
  );
}

function FailedActions({ pending, text, note }: PendingProps) {
  const desk = useDesk();
  const { conversation } = useTexts();
  const edit = () => {
    const id = pending.command.conversation;
    changeDraft(id, note ? { mode: 'note', note: text } : { mode: 'reply', reply: text });
    desk.discard(pending.id);
  };
  return (
    <p className="message-state" data-failed="true">
      <IconAlert size={14} aria-hidden />
      {conversation.failed}
      <button type="button" className="link-button" onClick={() => desk.retry(pending.id)}>
        {conversation.retry}
      </button>
      <button type="button" className="link-button" onClick={edit}>
        {conversation.edit}
      </button>
      <button type="button" className="link-button" onClick={() => desk.discard(pending.id)}>
        {conversation.discard}
      </button>
    </p>
  );
}
