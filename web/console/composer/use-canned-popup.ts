/**
 * Canned responses by keyboard: `/` opens and filters, arrows choose, Enter or Tab inserts, Esc
 * closes; Alt+1…9 inserts the first nine at once, of the filtered ones while the list is open.
 */
import { type KeyboardEvent, useState } from 'react';
import { type Canned, fill, find, slashQuery } from '../state/canned.ts';
import { optionId, POPUP_ID } from './canned-popup.tsx';
import { insertText } from './insert-text.ts';

type Options = {
  all: readonly Canned[];
  agent: string;
  input: { readonly current: HTMLTextAreaElement | null };
  write: (text: string) => void;
  off: boolean;
};

export type CannedPopupState = ReturnType<typeof useCannedPopup>;

export function useCannedPopup({ all, agent, input, write, off }: Options) {
  const [slash, setSlash] = useState<{ from: number; query: string } | null>(null);
  const [selected, setSelected] = useState(0);
  const isOpen = slash !== null && !off && all.length > 0;
  const found = isOpen ? find(all, slash.query) : [];

  const look = () => {
    const field = input.current;
    const next = field && slashQuery(field.value, field.selectionStart);
    if (next?.query !== slash?.query) setSelected(0);
    setSlash(next ?? null);
  };
  const close = () => setSlash(null);
  const insert = (one: Canned) => {
    const field = input.current;
    if (!field) return;
    const from = isOpen ? slash.from : field.selectionStart;
    insertText(field, fill(one.text, { agent }), from);
    write(field.value);
    close();
    field.focus();
  };
  /** @returns whether the key was meant for the list */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const direct = directNumber(event);
    const one = direct === undefined || off ? undefined : (isOpen ? found : all)[direct - 1];
    if (one) insert(one);
    else if (!isOpen) return false;
    else if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') setSelected((selected + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setSelected((selected || found.length) - 1);
    else if (!insertSelected(event)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const insertSelected = (event: KeyboardEvent): boolean => {
    const one = found[selected];
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!one || !plain || (event.key !== 'Enter' && event.key !== 'Tab')) return false;
    insert(one);
    return true;
  };
  const aria = isOpen
    ? {
        'aria-controls': POPUP_ID,
        'aria-autocomplete': 'list' as const,
        'aria-activedescendant': found.length > 0 ? optionId(selected) : undefined,
      }
    : {};
  return { isOpen, found, selected, look, close, insert, onKeyDown, aria };
}

/** By the key's place, because Alt makes other characters of the digits on some keyboards. */
function directNumber(event: KeyboardEvent): number | undefined {
  if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const match = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  return match ? Number(match[1]) : undefined;
}
