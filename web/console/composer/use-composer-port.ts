/** Lets keys, the palette and the canned pane reach the composer that is on the screen. */
import { useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { ports } from '../shell/ports.ts';
import { changeDraft, type Mode } from '../state/drafts.ts';
import type { Row } from '../state/model.ts';
import { insertText } from './insert-text.ts';

type Options = {
  input: { readonly current: HTMLTextAreaElement | null };
  row: Row;
  write: (text: string) => void;
  mayReply: boolean;
};

export function useComposerPort(options: Options): void {
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    ports.composer = {
      focus: (mode: Mode) => {
        const { input, row, mayReply } = latest.current;
        // At once: the next key is already meant for the text, not for the desk.
        flushSync(() => changeDraft(row.id, { mode: mayReply ? mode : 'note' }));
        input.current?.focus();
      },
      insert: (text: string) => {
        const { input, write } = latest.current;
        const field = input.current;
        if (!field) return;
        insertText(field, text, field.selectionStart);
        write(field.value);
        requestAnimationFrame(() => field.focus());
      },
    };
    return () => {
      ports.composer = undefined;
    };
  }, []);
}
