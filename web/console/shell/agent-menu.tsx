/** The agent's menu: invite, language, appearance, keys, sound, what follows a resolve. */
import { Menu, useMantineColorScheme } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { IconInvite, IconSignOut } from '../icons.ts';
import { useDesk } from '../state/desk-context.ts';
import { initials } from '../state/names.ts';
import { changeSettings, useSettings, useTexts } from '../state/settings.ts';
import { applyScheme, type Scheme } from '../theme.ts';
import { InviteDialog } from './invite-dialog.tsx';

export function AgentMenu({ onSignOut }: { onSignOut: () => void }) {
  const { agent } = useDesk().account;
  const { shell } = useTexts();
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <Menu position="bottom-end" width={290} closeOnItemClick={false}>
        <Menu.Target>
          <button type="button" className="avatar-button" aria-label={shell.menu(agent.name)}>
            <span className="avatar" data-initials={initials(agent.name)} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <div className="menu-person">
            <span className="menu-name">{agent.name}</span>
            <span>{agent.email}</span>
          </div>
          <Menu.Divider />
          <Menu.Item
            closeMenuOnClick
            leftSection={<IconInvite size={17} />}
            onClick={() => setInviting(true)}
          >
            {shell.invite}
          </Menu.Item>
          <Menu.Divider />
          <MenuSettings />
          <Menu.Divider />
          <Menu.Item leftSection={<IconSignOut size={17} />} onClick={onSignOut}>
            {shell.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <InviteDialog opened={inviting} onClose={() => setInviting(false)} />
    </>
  );
}

function MenuSettings() {
  const { shell } = useTexts();
  const settings = useSettings();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chooseScheme = (scheme: Scheme) => {
    applyScheme(scheme);
    setColorScheme(scheme);
  };
  return (
    <>
      <Choice
        label={shell.language}
        value={settings.language}
        options={[
          ['de', 'Deutsch'],
          ['en', 'English'],
        ]}
        onChange={(language) => changeSettings({ language })}
      />
      <Choice
        label={shell.scheme}
        value={colorScheme}
        options={[
          ['auto', shell.schemeAuto],
          ['light', shell.schemeLight],
          ['dark', shell.schemeDark],
        ]}
        onChange={chooseScheme}
      />
      <Choice
        label={shell.afterResolve}
        value={settings.afterResolve}
        options={[
          ['next', shell.afterResolveNext],
          ['stay', shell.afterResolveStay],
        ]}
        onChange={(afterResolve) => changeSettings({ afterResolve })}
      />
      <Menu.Divider />
      <Toggle
        label={shell.shortcuts}
        on={settings.shortcuts}
        onChange={(shortcuts) => changeSettings({ shortcuts })}
      />
      <Toggle
        label={shell.sound}
        on={settings.sound}
        onChange={(sound) => changeSettings({ sound })}
      />
    </>
  );
}

type ChoiceProps<T extends string> = {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
};

function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: inside a menu a group is what ARIA asks for
    <div className="menu-choice" role="group" aria-label={label}>
      <Menu.Label>{label}</Menu.Label>
      <div className="menu-options">
        {options.map(([option, name]) => (
          <Menu.RadioItem
            key={option}
            className="menu-option"
            value={option}
            checked={option === value}
            onChange={() => onChange(option)}
          >
            {name}
          </Menu.RadioItem>
        ))}
      </div>
    </div>
  );
}

type ToggleProps = { label: ReactNode; on: boolean; onChange: (on: boolean) => void };

function Toggle({ label, on, onChange }: ToggleProps) {
  return (
    <Menu.CheckboxItem
      className="menu-toggle"
      checked={on}
      rightSection={<span className="switch" data-on={on} aria-hidden="true" />}
      onChange={onChange}
    >
      {label}
    </Menu.CheckboxItem>
  );
}
