/**
 * The log of a conversation. It follows new words only if the end was in view; otherwise a
 * button counts them. The newest 300 entries are drawn, earlier ones on request.
 */
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { IconDown } from '../icons.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import type { Row } from '../state/model.ts';
import { contactTail } from '../state/names.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { day, daysApart } from '../texts/format.ts';
import { type Entry, entries } from './entries.ts';
import { Message, PendingMessage } from './message.tsx';
import { SystemLine } from './system-line.tsx';
import { useFollowEnd } from './use-follow-end.ts';

const PAGE = 300;

export function Transcript({ row }: { row: Row }) {
  const desk = useDesk();
  const { conversation, shell } = useTexts();
  const events = useView(() => desk.events(row.id));
  const outbox = useView((view) => view.pending);
  const [drawn, setDrawn] = useState(PAGE);
  const all = useMemo(() => entries(events, outbox, row.id), [events, outbox, row.id]);
  const visible = all.slice(-drawn);
  const sending = all.filter((entry) => entry.kind === 'pending').length;
  const box = useRef<HTMLElement>(null);
  const { unseen, toEnd, onScroll } = useFollowEnd(box, events, all.length, sending);
  const keepPlace = useRef(0);
  useLayoutEffect(() => {
    if (box.current && keepPlace.current > 0) {
      box.current.scrollTop += box.current.scrollHeight - keepPlace.current;
      keepPlace.current = 0;
    }
  });
  const older = () => {
    keepPlace.current = box.current?.scrollHeight ?? 0;
    setDrawn(drawn + PAGE);
  };
  return (
    <div className="transcript-frame">
      <section
        className="transcript"
        ref={box}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the focus
        tabIndex={0}
        aria-label={conversation.log}
      >
        {visible.length < all.length && (
          <button type="button" className="older" onClick={older}>
            {conversation.older}
          </button>
        )}
        {events.length === 0 && <TranscriptSkeleton label={shell.loading} />}
        <div role="log" aria-label={conversation.log} className="log">
          {visible.map((entry) => (
            <Line key={entry.key} entry={entry} />
          ))}
        </div>
        <TypingLine row={row} />
      </section>
      {unseen > 0 && (
        <button type="button" className="pill to-end" onClick={toEnd}>
          <IconDown size={14} aria-hidden />
          {conversation.newBelow(unseen)}
        </button>
      )}
    </div>
  );
}

const Line = memo(
  function Line({ entry }: { entry: Entry }) {
    if (entry.kind === 'day') return <DayLine at={entry.at} />;
    if (entry.kind === 'pending') return <PendingMessage {...entry} />;
    const { event, continued } = entry;
    const { type } = event.body;
    const isMessage = type === 'message.sent' || type === 'note.added';
    if (isMessage) return <Message event={event} continued={continued} />;
    return <SystemLine event={event} />;
  },
  (before, after) => sameEntry(before.entry, after.entry),
);

/** Events never change: the same event drawn the same way needs no new drawing. */
function sameEntry(a: Entry, b: Entry): boolean {
  if (a.kind === 'event' && b.kind === 'event') {
    return a.event === b.event && a.continued === b.continued;
  }
  if (a.kind === 'pending' && b.kind === 'pending') return a.pending === b.pending;
  return a.kind === 'day' && b.kind === 'day' && a.at === b.at;
}

function DayLine({ at }: { at: number }) {
  const language = useLanguage();
  const { conversation } = useTexts();
  const ago = daysApart(at, Date.now());
  const word = ago === 0 ? conversation.today : ago === 1 ? conversation.yesterday : undefined;
  return (
    <p className="day-line">
      <span>{word ?? day(language, at)}</span>
    </p>
  );
}

function TypingLine({ row }: { row: Row }) {
  const desk = useDesk();
  const { conversation, list } = useTexts();
  const typing = useView(() => desk.model.typing.get(row.id));
  if (!typing) return <p className="typing-line" />;
  const contact = list.contact(contactTail(row.contact || row.id));
  const who = { contact, bot: list.bot, agent: typing.name ?? '' }[typing.by];
  return (
    <p className="typing-line">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {conversation.typing(who)}
    </p>
  );
}

export function TranscriptSkeleton({ label }: { label: string }) {
  return (
    <div className="transcript-skeleton" role="status" aria-label={label}>
      <span />
      <span />
      <span />
    </div>
  );
}
