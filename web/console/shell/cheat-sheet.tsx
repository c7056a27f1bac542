/** All keys on one page, read from the same list that the keyboard uses. */
import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useDesk } from '../state/desk-context.ts';
import { useSettings, useTexts } from '../state/settings.ts';
import { commands } from './commands.ts';
import { Keys } from './keys.tsx';
import { ports } from './ports.ts';

type Line = { id: string; label: string; keys: string };

export function CheatSheet() {
  const desk = useDesk();
  const texts = useTexts();
  const { shortcuts } = useSettings();
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    ports.help = () => setOpened(true);
    return () => {
      ports.help = undefined;
    };
  }, []);
  const { keys } = texts;
  const all = opened ? commands(desk, texts).filter((one) => one.keys !== '') : [];
  const group = (name: string): Line[] => all.filter((one) => one.group === name);
  const writing: Line[] = [
    { id: 'send', label: keys.send, keys: 'mod Enter' },
    { id: 'send-resolve', label: keys.sendAndResolve, keys: 'mod Shift Enter' },
    { id: 'line', label: keys.newLine, keys: 'Enter' },
    { id: 'canned', label: keys.cannedOpen, keys: '/' },
    { id: 'direct', label: keys.cannedDirect, keys: 'Alt 1…9' },
    { id: 'leave', label: keys.leave, keys: 'Esc' },
  ];
  return (
    <Modal
      opened={opened}
      onClose={() => setOpened(false)}
      title={keys.title}
      size="xl"
      closeButtonProps={{ 'aria-label': texts.shell.close }}
    >
      {!shortcuts && <p className="dialog-lead">{keys.off}</p>}
      <div className="cheat-sheet">
        <Group title={keys.list} lines={group('list')} />
        <Group title={keys.conversation} lines={group('conversation')} />
        <Group title={keys.writing} lines={writing} />
        <Group title={keys.anywhere} lines={group('anywhere')} />
      </div>
    </Modal>
  );
}

function Group({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {lines.map((line) => (
          <div key={line.id}>
            <dt>{line.label}</dt>
            <dd>
              <Keys keys={line.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
