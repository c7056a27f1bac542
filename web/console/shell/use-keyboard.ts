/**
 * Single keys of the desk. Never inside inputs, never with a modifier, never under an open
 * dialog or menu, and not at all when the person has switched them off.
 */
import { useEffect } from 'react';
import { useDesk } from '../state/desk-context.ts';
import { useSettings, useTexts } from '../state/settings.ts';
import { commands } from './commands.ts';

const SEQUENCE_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const isCovered = (): boolean => document.querySelector('[role="dialog"], [role="menu"]') !== null;

export function useKeyboard(): void {
  const desk = useDesk();
  const texts = useTexts();
  const { shortcuts } = useSettings();

  useEffect(() => {
    if (!shortcuts) return;
    let prefix = '';
    let prefixAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target) || isCovered()) return;
      const fresh = event.timeStamp - prefixAt < SEQUENCE_MS;
      const pressed = fresh && prefix ? `${prefix} ${event.key}` : event.key;
      prefix = event.key === 'g' && !prefix ? 'g' : '';
      prefixAt = event.timeStamp;
      const command = commands(desk, texts).find((one) => one.keys === pressed && !one.native);
      if (!command?.enabled) return;
      event.preventDefault();
      command.run();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk, texts, shortcuts]);
}
