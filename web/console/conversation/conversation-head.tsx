/** Who it is, who holds it, who waits, and what can be done with it. */
import { Menu } from '@mantine/core';
import {
  IconBack,
  IconBot,
  IconCheck,
  IconDetails,
  IconDots,
  IconHand,
  IconQueue,
} from '../icons.ts';
import { OwnerMark } from '../list/owner-mark.tsx';
import { Waiting } from '../list/waiting.tsx';
import { Keys } from '../shell/keys.tsx';
import { type Abilities, abilities } from '../state/abilities.ts';
import { useDesk } from '../state/desk-context.ts';
import type { Row } from '../state/model.ts';
import { contactTail } from '../state/names.ts';
import { resolve } from '../state/resolve.ts';
import { useSettings, useTexts } from '../state/settings.ts';

type Props = { row: Row; details: boolean; onDetails: () => void };

export function ConversationHead({ row, details, onDetails }: Props) {
  const desk = useDesk();
  const { conversation, list } = useTexts();
  const may = abilities(row, desk.account.agent.id);
  return (
    <header className="conversation-head">
      <a className="icon-button back" href="#/" aria-label={conversation.back}>
        <IconBack size={20} aria-hidden />
      </a>
      <div className="conversation-who">
        <h2>
          {list.contact(contactTail(row.contact || row.id))}
          <abbr className="language" title={list.languages[row.language]}>
            {row.language.toUpperCase()}
          </abbr>
        </h2>
        <p>
          <OwnerMark owner={row.owner} />
          {row.waitingSince !== undefined && row.owner.kind !== 'bot' && (
            <Waiting since={row.waitingSince} />
          )}
        </p>
      </div>
      <Actions row={row} may={may} />
      <button
        type="button"
        className="icon-button details-button"
        aria-label={conversation.details}
        aria-pressed={details}
        onClick={onDetails}
      >
        <IconDetails size={19} aria-hidden />
      </button>
    </header>
  );
}

function Actions({ row, may }: { row: Row; may: Abilities }) {
  const desk = useDesk();
  const { conversation } = useTexts();
  const { shortcuts } = useSettings();
  const take = () => desk.command({ type: 'conversation.take', conversation: row.id });
  const release = (to: 'queue' | 'bot') =>
    desk.command({ type: 'conversation.release', conversation: row.id, to });
  return (
    <div className="conversation-actions">
      {may.take && (
        <button type="button" className="button primary" onClick={take}>
          <IconHand size={17} aria-hidden />
          <span>{conversation.take}</span>
          {shortcuts && <Keys keys="i" />}
        </button>
      )}
      {may.resolve && (
        <button type="button" className="button" onClick={() => resolve(desk, row.id)}>
          <IconCheck size={17} aria-hidden />
          <span>{conversation.resolve}</span>
          {shortcuts && <Keys keys="e" />}
        </button>
      )}
      {may.release && (
        <Menu position="bottom-end" width={250}>
          <Menu.Target>
            <button type="button" className="icon-button" aria-label={conversation.more}>
              <IconDots size={19} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconQueue size={17} />} onClick={() => release('queue')}>
              {conversation.toQueue}
            </Menu.Item>
            <Menu.Item leftSection={<IconBot size={17} />} onClick={() => release('bot')}>
              {conversation.toBot}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
