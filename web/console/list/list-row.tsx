/** One conversation in the list: a link that shows who, what was said last, and who waits. */
import { memo } from 'react';
import { plainText } from '../../shared/markdown.ts';
import { IconHandover, IconPencil } from '../icons.ts';
import { useDesk, useRow, useView } from '../state/desk-context.ts';
import { useHasDraft } from '../state/drafts.ts';
import type { Row } from '../state/model.ts';
import { contactTail } from '../state/names.ts';
import { addressOf } from '../state/route.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { time } from '../texts/format.ts';
import { OwnerMark } from './owner-mark.tsx';
import { Waiting } from './waiting.tsx';

type Props = { id: string; isOpen: boolean; isGhost: boolean };

export const ListRow = memo(function ListRow({ id, isOpen, isGhost }: Props) {
  const desk = useDesk();
  const row = useRow(id);
  const { list, handover } = useTexts();
  const language = useLanguage();
  if (!row) return null;
  return (
    <a
      className="row"
      href={addressOf(id)}
      data-row={id}
      data-ghost={isGhost}
      data-unread={row.waitingSince !== undefined && row.contactSeq > row.answeredSeq}
      aria-current={isOpen ? 'page' : undefined}
      onPointerEnter={() => desk.point(id, true)}
      onPointerLeave={() => desk.point(id, false)}
      onFocus={() => desk.point(id, true)}
      onBlur={() => desk.point(id, false)}
    >
      <span className="row-head">
        <strong>{list.contact(contactTail(row.contact || id))}</strong>
        <abbr className="language" title={list.languages[row.language]}>
          {row.language.toUpperCase()}
        </abbr>
        <span className="row-time">
          {row.waitingSince === undefined ? (
            time(language, row.updatedAt)
          ) : (
            <Waiting since={row.waitingSince} />
          )}
        </span>
      </span>
      <LastLine row={row} />
      <span className="row-foot">
        {isGhost ? <GhostMark row={row} /> : <OwnerMark owner={row.owner} />}
        {row.handover && row.owner.kind !== 'bot' && (
          <span className="row-reason">
            <IconHandover size={13} aria-hidden />
            <span>{handover.reasons[row.handover.reason]}</span>
          </span>
        )}
      </span>
    </a>
  );
});

function LastLine({ row }: { row: Row }) {
  const desk = useDesk();
  const { list } = useTexts();
  const typing = useView(() => desk.model.typing.get(row.id)?.by === 'contact');
  // Who waits is known by his own words, not by what the bot said last.
  const isWaiting = row.waitingSince !== undefined && row.said !== undefined;
  const preview = isWaiting ? { by: 'contact' as const, text: row.said ?? '' } : row.preview;
  if (typing) return <span className="row-line row-typing">{list.typing}</span>;
  if (!preview) return <span className="row-line">{list.noMessage}</span>;
  const mine = row.owner.kind === 'agent' && row.owner.id === desk.account.agent.id;
  const agent = mine ? list.you : row.owner.kind === 'agent' ? row.owner.name : '';
  const who = { contact: '', bot: list.bot, agent }[preview.by];
  return (
    <span className="row-line">
      <DraftMark id={row.id} />
      {who && <span className="row-who">{who}: </span>}
      {plainText(preview.text).replaceAll('\n', ' ')}
    </span>
  );
}

function DraftMark({ id }: { id: string }) {
  const { list } = useTexts();
  if (!useHasDraft(id)) return null;
  return (
    <span className="draft-mark">
      <IconPencil size={12} aria-hidden />
      {list.draft} ·{' '}
    </span>
  );
}

/** A row that left this section but must not move away under the cursor. */
function GhostMark({ row }: { row: Row }) {
  const { list } = useTexts();
  if (row.status === 'resolved') return <OwnerMark owner={{ kind: 'nobody' }} />;
  return (
    <span className="owner" data-owner="nobody">
      {list.moved} · <OwnerMark owner={row.owner} />
    </span>
  );
}
