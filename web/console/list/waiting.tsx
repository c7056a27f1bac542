/** How long somebody has waited, live: colour, icon and word change together. */
import { IconClock, IconOverdue } from '../icons.ts';
import { useNow } from '../state/clock.ts';
import { useDesk } from '../state/desk-context.ts';
import { useTexts } from '../state/settings.ts';
import { urgency, waited } from '../texts/format.ts';

export function Waiting({ since }: { since: number }) {
  const now = useNow() + useDesk().model.clockOffset;
  const { list } = useTexts();
  const ms = Math.max(0, now - since);
  const level = urgency(ms);
  const words = { fine: list.waiting, long: list.long, overdue: list.overdue }[level];
  const Icon = level === 'fine' ? IconClock : IconOverdue;
  return (
    <span className="waiting" data-level={level}>
      <Icon size={14} aria-hidden />
      {words(waited(ms))}
    </span>
  );
}
