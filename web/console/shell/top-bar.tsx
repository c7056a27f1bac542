/** Mark, palette, connection, availability, help and the agent's menu. */

import { Menu } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconChevron, IconKeyboard, IconSearch } from '../icons.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import { useTexts } from '../state/settings.ts';
import { AgentMenu } from './agent-menu.tsx';
import { Keys } from './keys.tsx';
import { Mark } from './mark.tsx';
import { ports } from './ports.ts';

export function TopBar({ onSignOut }: { onSignOut: () => void }) {
  const desk = useDesk();
  const { shell, list } = useTexts();
  return (
    <header className="top-bar">
      <h1 className="visually-hidden">{list.title}</h1>
      <a className="brand" href="#/">
        <Mark />
        <span className="brand-name">{shell.product}</span>
        <span className="brand-company">{desk.account.company}</span>
      </a>
      <button type="button" className="palette-button" onClick={spotlight.open}>
        <IconSearch size={16} aria-hidden />
        <span>{shell.palette}</span>
        <Keys keys="mod K" />
      </button>
      <div className="top-actions">
        <Availability />
        <button
          type="button"
          className="icon-button help-button"
          aria-label={shell.help}
          title={`${shell.help} (?)`}
          onClick={() => ports.help?.()}
        >
          <IconKeyboard size={19} aria-hidden />
        </button>
        <AgentMenu onSignOut={onSignOut} />
      </div>
    </header>
  );
}

function Availability() {
  const desk = useDesk();
  const { shell } = useTexts();
  const availability = useView((view) => view.availability);
  const live = useView((view) => view.status === 'live');
  const name = { online: shell.online, away: shell.away };
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <button
          type="button"
          className="availability"
          data-availability={live ? availability : 'unknown'}
          aria-label={`${shell.availability}: ${name[availability]}`}
        >
          <span className="availability-dot" aria-hidden="true" />
          <span className="availability-name">{name[availability]}</span>
          <IconChevron size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['online', 'away'] as const).map((one) => (
          <Menu.RadioItem
            key={one}
            value={one}
            checked={one === availability}
            closeMenuOnClick
            onChange={() => desk.setAvailability(one)}
          >
            <span className="availability-choice">
              <span className="availability-dot" data-availability={one} aria-hidden="true" />
              {name[one]}
            </span>
          </Menu.RadioItem>
        ))}
        <div className="menu-hint">{shell.availabilityHint}</div>
      </Menu.Dropdown>
    </Menu>
  );
}
