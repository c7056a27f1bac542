/**
 * Every action of the desk with its key and its words: the keyboard, the palette and the cheat
 * sheet all read this one list.
 */

import { abilities } from '../state/abilities.ts';
import type { Desk } from '../state/desk.ts';
import { resolve } from '../state/resolve.ts';
import { goTo } from '../state/route.ts';
import { SECTIONS, type Section } from '../state/sections.ts';
import type { Texts } from '../texts/texts.ts';
import { ports } from './ports.ts';

export type Command = {
  id: string;
  group: 'list' | 'conversation' | 'anywhere';
  label: string;
  /** One key, or two in a row: `g w`. */
  keys: string;
  enabled: boolean;
  /** Enter belongs to the focused link itself, the palette has its own key. */
  native?: boolean;
  run: () => void;
};

const SECTION_KEYS: Record<Section, string> = {
  waiting: 'g w',
  mine: 'g m',
  bot: 'g b',
  all: 'g a',
};

export function commands(desk: Desk, texts: Texts): Command[] {
  return [...conversationCommands(desk, texts), ...listCommands(desk, texts), ...others(texts)];
}

function listCommands(desk: Desk, { keys, list }: Texts): Command[] {
  const group = 'list';
  const enabled = true;
  const sections = SECTIONS.map(
    (section): Command => ({
      id: `section-${section}`,
      group,
      label: keys.go(list.sections[section]),
      keys: SECTION_KEYS[section],
      enabled,
      run: () => desk.choose(section),
    }),
  );
  return [
    { id: 'down', group, label: keys.down, keys: 'j', enabled, run: () => ports.list?.move(1) },
    { id: 'up', group, label: keys.up, keys: 'k', enabled, run: () => ports.list?.move(-1) },
    { id: 'open', group, label: keys.open, keys: 'Enter', enabled, native: true, run: () => {} },
    {
      id: 'filter',
      group,
      label: keys.filter,
      keys: '/',
      enabled,
      run: () => ports.list?.filter(),
    },
    ...sections,
  ];
}

function conversationCommands(desk: Desk, { keys, conversation }: Texts): Command[] {
  const group = 'conversation';
  const id = desk.view.get().open;
  const row = id ? desk.row(id) : undefined;
  const may = row && abilities(row, desk.account.agent.id);
  const act = (run: (open: string) => void) => () => id && run(id);
  const release = (to: 'queue' | 'bot') =>
    act((open) => desk.command({ type: 'conversation.release', conversation: open, to }));
  return [
    {
      id: 'take',
      group,
      label: keys.take,
      keys: 'i',
      enabled: may?.take ?? false,
      run: act((open) => desk.command({ type: 'conversation.take', conversation: open })),
    },
    {
      id: 'resolve',
      group,
      label: keys.resolve,
      keys: 'e',
      enabled: may?.resolve ?? false,
      run: act((open) => resolve(desk, open)),
    },
    {
      id: 'reply',
      group,
      label: keys.reply,
      keys: 'r',
      enabled: may?.reply ?? false,
      run: () => ports.composer?.focus('reply'),
    },
    {
      id: 'note',
      group,
      label: keys.note,
      keys: 'n',
      enabled: row !== undefined,
      run: () => ports.composer?.focus('note'),
    },
    {
      id: 'to-queue',
      group,
      label: conversation.toQueue,
      keys: '',
      enabled: may?.release ?? false,
      run: release('queue'),
    },
    {
      id: 'to-bot',
      group,
      label: conversation.toBot,
      keys: '',
      enabled: may?.release ?? false,
      run: release('bot'),
    },
    {
      id: 'back',
      group,
      label: keys.back,
      keys: 'u',
      enabled: id !== undefined,
      run: () => {
        goTo('#/');
        ports.list?.focus();
      },
    },
  ];
}

const others = ({ keys }: Texts): Command[] => [
  {
    id: 'palette',
    group: 'anywhere',
    label: keys.palette,
    keys: 'mod K',
    enabled: true,
    native: true,
    run: () => {},
  },
  {
    id: 'help',
    group: 'anywhere',
    label: keys.help,
    keys: '?',
    enabled: true,
    run: () => ports.help?.(),
  },
];
