/** "1 new message": the contact wrote while this reply was being composed. */
import { useEffect, useRef } from 'react';
import { contactMessagesAfter } from '../conversation/entries.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import type { Row } from '../state/model.ts';
import { useTexts } from '../state/settings.ts';

export function ContactWrote({ row, writing }: { row: Row; writing: boolean }) {
  const desk = useDesk();
  const { composer } = useTexts();
  const events = useView(() => desk.events(row.id));
  const last = events.at(-1)?.seq ?? 0;
  const since = useRef(last);
  useEffect(() => {
    if (!writing) since.current = last;
  }, [writing, last]);
  // With nothing loaded yet there is nothing that came "meanwhile".
  if (since.current === 0) since.current = last;
  const count = writing ? contactMessagesAfter(events, since.current) : 0;
  const show = () => {
    since.current = last;
    const log = document.querySelector<HTMLElement>('.transcript');
    log?.scrollTo({ top: log.scrollHeight });
    log?.focus();
  };
  return (
    <div role="status">
      {count > 0 && (
        <p className="contact-wrote">
          {composer.contactWrote(count)}
          <button type="button" className="link-button" onClick={show}>
            {composer.contactWroteShow}
          </button>
        </p>
      )}
    </div>
  );
}
