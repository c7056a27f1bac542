/** The switch between a reply and an internal note; changing it keeps both texts. */
import { flushSync } from 'react-dom';
import { IconNote, IconReply } from '../icons.ts';
import { changeDraft, type Mode } from '../state/drafts.ts';
import { useTexts } from '../state/settings.ts';

type Props = {
  id: string;
  mode: Mode;
  mayReply: boolean;
  input: { readonly current: HTMLTextAreaElement | null };
};

export function ComposerModes({ id, mode, mayReply, input }: Props) {
  const { composer } = useTexts();
  const choose = (next: Mode) => {
    flushSync(() => changeDraft(id, { mode: next }));
    input.current?.focus();
  };
  return (
    <fieldset className="composer-modes">
      <legend className="visually-hidden">{composer.mode}</legend>
      <button
        type="button"
        aria-pressed={mode === 'reply'}
        disabled={!mayReply}
        onClick={() => choose('reply')}
      >
        <IconReply size={15} aria-hidden />
        {composer.reply}
      </button>
      <button
        type="button"
        data-note="true"
        aria-pressed={mode === 'note'}
        onClick={() => choose('note')}
      >
        <IconNote size={15} aria-hidden />
        {composer.note}
      </button>
      <span className="composer-to">
        {mode === 'note' ? composer.noteLabel : composer.replyLabel}
      </span>
    </fieldset>
  );
}
