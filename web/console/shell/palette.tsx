/** Ctrl/Cmd+K: every action with its key, open and lately resolved conversations, canned texts. */
import { Spotlight, type SpotlightActionData, type SpotlightProps } from '@mantine/spotlight';
import { useState } from 'react';
import { plainText } from '../../shared/markdown.ts';
import { IconBolt, IconCheck, IconReply, IconSearch } from '../icons.ts';
import { fill } from '../state/canned.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import type { Row } from '../state/model.ts';
import { contactTail } from '../state/names.ts';
import { addressOf, goTo } from '../state/route.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { useCanned } from '../state/use-canned.ts';
import { commands } from './commands.ts';
import { Keys } from './keys.tsx';
import { ports } from './ports.ts';

/** Moving row by row is for keys alone. */
const MOVES = new Set(['down', 'up']);
const CONVERSATIONS_MAX = 200;

export function Palette() {
  const { palette } = useTexts();
  const [opened, setOpened] = useState(false);
  const actions = useActions(opened);
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      tagsToIgnore={[]}
      limit={12}
      highlightQuery
      attributes={{ content: { 'aria-label': palette.placeholder } }}
      scrollable
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      maxHeight={440}
      nothingFound={palette.none}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      searchProps={{
        placeholder: palette.placeholder,
        'aria-label': palette.placeholder,
        leftSection: <IconSearch size={18} />,
      }}
    />
  );
}

/** Nothing is built while the palette is closed. */
function useActions(opened: boolean): SpotlightProps['actions'] {
  const desk = useDesk();
  const texts = useTexts();
  const language = useLanguage();
  useView((view) => (opened ? view.version : 0));
  const open = useView((view) => view.open);
  const row = open ? desk.row(open) : undefined;
  const canned = useCanned(row?.language ?? language);
  const { palette, list } = texts;
  if (!opened) return [];
  const toAction = (one: Row): SpotlightActionData => ({
    id: one.id,
    label: list.contact(contactTail(one.contact || one.id)),
    description: plainText(one.preview?.text ?? ''),
    leftSection: one.status === 'resolved' ? <IconCheck size={18} /> : <IconReply size={18} />,
    onClick: () => goTo(addressOf(one.id)),
  });
  const rows = [...desk.model.rows.values()];
  const withStatus = (status: string) =>
    rows
      .filter((one) => one.status === status)
      .slice(0, CONVERSATIONS_MAX)
      .map(toAction);
  const actions: SpotlightProps['actions'] = [
    {
      group: palette.actions,
      actions: commands(desk, texts)
        .filter((one) => one.enabled && !one.native && !MOVES.has(one.id))
        .map((one) => ({
          id: one.id,
          label: one.label,
          rightSection: <Keys keys={one.keys} />,
          onClick: one.run,
        })),
    },
    { group: palette.conversations, actions: withStatus('open') },
    { group: palette.resolved, actions: withStatus('resolved') },
    {
      group: palette.canned,
      actions: (row ? canned : []).map((one) => ({
        id: `canned-${one.id}`,
        label: one.title,
        description: one.text,
        keywords: [one.shortcut],
        leftSection: <IconBolt size={18} />,
        onClick: () => ports.composer?.insert(fill(one.text, { agent: desk.account.agent.name })),
      })),
    },
  ];
  return actions.filter((group) => 'actions' in group && group.actions.length > 0);
}
