/** What the agent reads first: why the bot handed over, the wish, what it has tried. */
import type { HandoverReason } from '../../../core/protocol/entities.ts';
import type { HandoverCard as Card } from '../../../core/protocol/events.ts';
import { IconHandover } from '../icons.ts';
import { useTexts } from '../state/settings.ts';

type Props = {
  reason: HandoverReason;
  card: Card;
  /** In the transcript: says nothing about what there is nothing of. */
  inline?: boolean;
  children?: React.ReactNode;
};

export function HandoverCard({ reason, card, inline = false, children }: Props) {
  const { handover } = useTexts();
  const Place = inline ? 'div' : 'section';
  const label = inline ? undefined : handover.title;
  return (
    <Place className="handover-card" data-reason={reason} aria-label={label}>
      <p className="handover-title">
        <IconHandover size={16} aria-hidden />
        {handover.title}
      </p>
      <p className="handover-reason">{handover.reasons[reason]}</p>
      {card.wish !== '' && (
        <figure>
          <figcaption>{handover.wish}</figcaption>
          <blockquote>{card.wish}</blockquote>
        </figure>
      )}
      {!(inline && card.answered.length === 0) && (
        <Titles label={handover.answered} titles={card.answered} />
      )}
      {card.considered.length > 0 && (
        <Titles label={handover.considered} titles={card.considered} />
      )}
      {children}
    </Place>
  );
}

function Titles({ label, titles }: { label: string; titles: readonly string[] }) {
  const { handover } = useTexts();
  return (
    <div className="handover-titles">
      <span>{label}</span>
      {titles.length === 0 ? (
        <p>{handover.nothing}</p>
      ) : (
        <ul>
          {[...new Set(titles)].map((title) => (
            <li key={title}>{title}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
