/** The middle pane: one conversation, or what to do when none is open. */
import { useEffect, useRef, useState } from 'react';
import { Composer } from '../composer/composer.tsx';
import { useDesk, useRow, useView } from '../state/desk-context.ts';
import { addressOf, goTo } from '../state/route.ts';
import { useSettings, useTexts } from '../state/settings.ts';
import { ConversationHead } from './conversation-head.tsx';
import { Transcript, TranscriptSkeleton } from './transcript.tsx';

type Props = { id: string | undefined; details: boolean; onDetails: () => void };

export function ConversationPane({ id, details, onDetails }: Props) {
  const main = useRef<HTMLElement>(null);
  useEffect(() => keepFocus(main.current), []);
  return (
    <main id="main" className="conversation-pane" ref={main} tabIndex={-1}>
      {id === undefined ? (
        <NoConversation />
      ) : (
        <OpenConversation id={id} details={details} onDetails={onDetails} />
      )}
    </main>
  );
}

/** Whoever was typing in the conversation before must not find the focus nowhere. */
function keepFocus(main: HTMLElement | null): void {
  const focused = document.activeElement;
  const hidden = focused instanceof HTMLElement && focused.offsetParent === null;
  if (focused === document.body || hidden) main?.focus({ preventScroll: true });
}

function OpenConversation({ id, details, onDetails }: { id: string } & Omit<Props, 'id'>) {
  const row = useRow(id);
  const { conversation, shell } = useTexts();
  const late = useTimeout(3_000);
  const listed = useView((view) => view.version > 0);
  if (row) {
    return (
      <>
        <ConversationHead row={row} details={details} onDetails={onDetails} />
        <Transcript row={row} />
        <Composer row={row} />
      </>
    );
  }
  if (!late || !listed) return <TranscriptSkeleton label={shell.loading} />;
  return (
    <div className="no-conversation" role="status">
      <p className="empty-title">{conversation.unknown}</p>
      <a href="#/">{conversation.back}</a>
    </div>
  );
}

function NoConversation() {
  const desk = useDesk();
  const { conversation, list } = useTexts();
  const { shortcuts } = useSettings();
  const waiting = useView((view) => view.counts.waiting);
  const open = () => {
    const next = desk.longestWaiting();
    if (next) goTo(addressOf(next));
  };
  return (
    <div className="no-conversation">
      <p className="empty-title">
        {waiting > 0 ? conversation.noneWaiting(waiting) : list.empty.waiting.title}
      </p>
      {waiting > 0 ? (
        <button type="button" className="button primary" onClick={open}>
          {conversation.openLongest}
        </button>
      ) : (
        <p>{list.empty.waiting.lead}</p>
      )}
      {shortcuts && <p className="empty-keys">{conversation.noneLead}</p>}
    </div>
  );
}

function useTimeout(ms: number): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return over;
}
