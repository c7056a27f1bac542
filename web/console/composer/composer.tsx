/**
 * Where the agent writes. Reply and note differ in colour, frame and label; the draft is kept
 * per conversation; what cannot be sent is never erased.
 */
import { type KeyboardEvent, useRef } from 'react';
import { TEXT_LENGTH_MAX } from '../../../core/protocol/commands.ts';
import { cleanText } from '../../../core/protocol/text.ts';
import { abilities, replyCommands } from '../state/abilities.ts';
import { useDesk } from '../state/desk-context.ts';
import { changeDraft, type Mode, useDraft } from '../state/drafts.ts';
import type { Row } from '../state/model.ts';
import { resolve } from '../state/resolve.ts';
import { useTexts } from '../state/settings.ts';
import { useCanned } from '../state/use-canned.ts';
import { CannedPopup } from './canned-popup.tsx';
import { ComposerFoot } from './composer-foot.tsx';
import { ComposerModes } from './composer-modes.tsx';
import { ContactWrote } from './contact-wrote.tsx';
import { useAutoHeight } from './use-auto-height.ts';
import { useCannedPopup } from './use-canned-popup.ts';
import { useComposerPort } from './use-composer-port.ts';
import { useTypingSignal } from './use-typing-signal.ts';

export function Composer({ row }: { row: Row }) {
  const desk = useDesk();
  const { composer } = useTexts();
  const draft = useDraft(row.id);
  const input = useRef<HTMLTextAreaElement>(null);
  const me = desk.account.agent;
  const may = abilities(row, me.id);
  const mode: Mode = may.reply ? draft.mode : 'note';
  const text = draft[mode];
  const write = (next: string) => changeDraft(row.id, { [mode]: next });
  const canned = useCannedPopup({
    all: useCanned(row.language),
    agent: me.name,
    input,
    write,
    off: mode === 'note',
  });
  const signal = useTypingSignal(row.id, mode === 'reply' && may.mine);
  useComposerPort({ input, row, write, mayReply: may.reply });
  useAutoHeight(input, text, mode);

  const send = (andResolve: boolean) => {
    const words = cleanText(text);
    if (words === '' || words.length > TEXT_LENGTH_MAX) return input.current?.focus();
    if (mode === 'note') desk.command({ type: 'note.add', conversation: row.id, text: words });
    else for (const command of replyCommands(row, me.id, words)) desk.command(command);
    write('');
    canned.close();
    if (andResolve && mode === 'reply') resolve(desk, row.id);
    else input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || canned.onKeyDown(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send(event.shiftKey);
    } else if (event.key === 'Escape') {
      document.getElementById('main')?.focus();
    }
  };
  return (
    <section className="composer" data-mode={mode} aria-label={composer.mode}>
      {!may.reply && (
        <p className="composer-hint">
          {may.heldBy ? composer.owned(may.heldBy) : composer.resolved}
        </p>
      )}
      <ContactWrote row={row} writing={text.trim() !== ''} />
      <div className="composer-frame">
        <ComposerModes id={row.id} mode={mode} mayReply={may.reply} input={input} />
        <textarea
          ref={input}
          rows={2}
          value={text}
          aria-label={mode === 'note' ? composer.noteLabel : composer.replyLabel}
          placeholder={mode === 'note' ? composer.notePlaceholder : composer.replyPlaceholder}
          lang={mode === 'reply' ? row.language : undefined}
          {...canned.aria}
          onChange={(event) => {
            write(event.currentTarget.value);
            signal(event.currentTarget.value);
            canned.look();
          }}
          onClick={canned.look}
          onBlur={canned.close}
          onKeyDown={onKeyDown}
        />
        <CannedPopup popup={canned} />
        <ComposerFoot mode={mode} text={text} mine={may.mine} onSend={send} />
      </div>
    </section>
  );
}
