/** Who holds a conversation: the bot with its AI mark, the queue, a person by name, nobody. */
import type { Owner } from '../../../core/protocol/entities.ts';
import { IconBot, IconCheck, IconQueue } from '../icons.ts';
import { useDesk } from '../state/desk-context.ts';
import { initials } from '../state/names.ts';
import { useTexts } from '../state/settings.ts';

export function OwnerMark({ owner }: { owner: Owner }) {
  const me = useDesk().account.agent.id;
  const { list } = useTexts();
  if (owner.kind === 'bot') {
    return (
      <span className="owner" data-owner="bot">
        <IconBot size={13} aria-hidden />
        {list.bot} <AiMark />
      </span>
    );
  }
  if (owner.kind === 'queue') {
    return (
      <span className="owner" data-owner="queue">
        <IconQueue size={13} aria-hidden />
        {list.queue}
      </span>
    );
  }
  if (owner.kind === 'agent') {
    const mine = owner.id === me;
    return (
      <span className="owner" data-owner={mine ? 'me' : 'agent'}>
        <span className="owner-initials" aria-hidden="true">
          {initials(owner.name)}
        </span>
        {mine ? list.you : owner.name}
      </span>
    );
  }
  return (
    <span className="owner" data-owner="nobody">
      <IconCheck size={13} aria-hidden />
      {list.resolved}
    </span>
  );
}

/** I10: what the bot says and does carries this mark. */
export function AiMark() {
  const { list } = useTexts();
  return <span className="ai-mark">{list.ai}</span>;
}
