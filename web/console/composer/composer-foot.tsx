/** Draft state, what is left of the length, and the buttons that say where the words go. */
import { TEXT_LENGTH_MAX } from '../../../core/protocol/commands.ts';
import { IconNote, IconSend } from '../icons.ts';
import { keyNames } from '../shell/keys.tsx';
import type { Mode } from '../state/drafts.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { number } from '../texts/plural.ts';

const NEAR_LIMIT = 400;

type Props = { mode: Mode; text: string; mine: boolean; onSend: (andResolve: boolean) => void };

export function ComposerFoot({ mode, text, mine, onSend }: Props) {
  const { composer } = useTexts();
  const language = useLanguage();
  const left = TEXT_LENGTH_MAX - text.trim().length;
  const blank = text.trim() === '';
  const disabled = blank || left < 0;
  const note = mode === 'note';
  const label = note ? composer.save : mine ? composer.send : composer.takeAndSend;
  const keys = keyNames('mod Enter').join(' ');
  return (
    <div className="composer-foot">
      <span className="composer-state">
        {left < NEAR_LIMIT ? (
          <span data-over={left < 0} role="status">
            {left < 0
              ? composer.over(number(language, -left))
              : composer.left(number(language, left))}
          </span>
        ) : blank ? (
          <span className="composer-keys">{(note ? composer.keysNote : composer.keys)(keys)}</span>
        ) : (
          <span title={composer.draftWhere}>{composer.draft}</span>
        )}
      </span>
      {!note && mine && (
        <button type="button" className="button" disabled={disabled} onClick={() => onSend(true)}>
          {composer.sendAndResolve}
        </button>
      )}
      <button
        type="button"
        className="button primary send"
        disabled={disabled}
        title={`${label} (${keys})`}
        onClick={() => onSend(false)}
      >
        {note ? <IconNote size={16} aria-hidden /> : <IconSend size={16} aria-hidden />}
        {label}
      </button>
    </div>
  );
}
