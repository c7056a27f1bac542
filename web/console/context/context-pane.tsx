/** The right pane: hand-over card first, then the score, facts, other conversations, texts. */
import { type ReactNode, useEffect, useRef } from 'react';
import { HandoverCard } from '../conversation/handover-card.tsx';
import { Stars } from '../conversation/stars.tsx';
import { IconX } from '../icons.ts';
import { OwnerMark } from '../list/owner-mark.tsx';
import { Waiting } from '../list/waiting.tsx';
import { useDesk, useRow, useView } from '../state/desk-context.ts';
import type { Row } from '../state/model.ts';
import { contactTail } from '../state/names.ts';
import { addressOf } from '../state/route.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { moment } from '../texts/format.ts';
import { number } from '../texts/plural.ts';
import { CannedPane } from './canned-pane.tsx';

type Props = { id: string | undefined; opened: boolean; onClose: () => void };

export function ContextPane({ id, opened, onClose }: Props) {
  const { context, shell } = useTexts();
  const closeButton = useRef<HTMLButtonElement>(null);
  // Where the pane lies over the conversation the focus goes along with it, and back.
  useEffect(() => {
    if (opened) closeButton.current?.focus();
  }, [opened]);
  const close = () => {
    onClose();
    document.querySelector<HTMLElement>('.details-button')?.focus();
  };
  return (
    <aside
      className="context-pane"
      aria-label={context.title}
      onKeyDown={(event) => opened && event.key === 'Escape' && close()}
    >
      <div className="context-head">
        <h2>{context.title}</h2>
        <button
          type="button"
          className="icon-button"
          ref={closeButton}
          aria-label={shell.close}
          onClick={close}
        >
          <IconX size={18} aria-hidden />
        </button>
      </div>
      {id !== undefined && <Context id={id} onInserted={onClose} />}
    </aside>
  );
}

function Context({ id, onInserted }: { id: string; onInserted: () => void }) {
  const row = useRow(id);
  if (!row) return null;
  return (
    <>
      {row.handover && row.status === 'open' && <Handover row={row} />}
      <Survey row={row} />
      <CannedPane language={row.language} onInserted={onInserted} />
      <Facts row={row} />
      <Others row={row} />
    </>
  );
}

function Handover({ row }: { row: Row }) {
  const { handover, list } = useTexts();
  if (!row.handover) return null;
  return (
    <HandoverCard reason={row.handover.reason} card={row.handover.card}>
      <dl className="facts">
        <Fact name={handover.language}>{list.languages[row.language]}</Fact>
        {row.waitingSince !== undefined && (
          <Fact name={handover.waitingSince}>
            <Waiting since={row.waitingSince} />
          </Fact>
        )}
      </dl>
    </HandoverCard>
  );
}

function Survey({ row }: { row: Row }) {
  const { context } = useTexts();
  if (!row.survey) return null;
  return (
    <section className="context-section">
      <h3>{context.survey}</h3>
      {row.survey.score === undefined ? (
        <p className="soft">{context.surveyOpen}</p>
      ) : (
        <Stars score={row.survey.score} />
      )}
      {row.survey.comment && <p className="quote">{row.survey.comment}</p>}
    </section>
  );
}

function Facts({ row }: { row: Row }) {
  const desk = useDesk();
  const { context, list } = useTexts();
  const language = useLanguage();
  const events = useView(() => desk.events(row.id));
  const opened = events[0]?.body;
  const page = opened?.type === 'conversation.opened' ? opened.page : undefined;
  const messages = events.filter((event) => event.body.type === 'message.sent').length;
  return (
    <section className="context-section">
      <h3>{context.facts}</h3>
      <dl className="facts">
        <Fact name={context.contact}>{contactTail(row.contact || row.id)}</Fact>
        <Fact name={context.owner}>
          <OwnerMark owner={row.owner} />
        </Fact>
        <Fact name={context.language}>{list.languages[row.language]}</Fact>
        <Fact name={context.channel}>{context.webChat}</Fact>
        {row.openedAt > 0 && <Fact name={context.opened}>{moment(language, row.openedAt)}</Fact>}
        {page && <Fact name={context.page}>{page}</Fact>}
        {messages > 0 && <Fact name={context.messages}>{number(language, messages)}</Fact>}
      </dl>
      {row.answered.length > 0 && (
        <>
          <h4>{context.botAnswered}</h4>
          <ul className="titles">
            {[...new Set(row.answered)].map((title) => (
              <li key={title}>{title}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Others({ row }: { row: Row }) {
  const desk = useDesk();
  const { context, list } = useTexts();
  useView((view) => view.version);
  const others = [...desk.model.rows.values()].filter(
    (one) => one.contact === row.contact && one.id !== row.id && one.status === 'open',
  );
  if (others.length === 0) return null;
  return (
    <section className="context-section">
      <h3>{context.others}</h3>
      {others.slice(0, 5).map((one) => (
        <a key={one.id} className="other" href={addressOf(one.id)}>
          {one.preview?.text ?? list.noMessage}
        </a>
      ))}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
