/** The list that opens above the composer after `/`. */
import { useTexts } from '../state/settings.ts';
import type { CannedPopupState } from './use-canned-popup.ts';

export const POPUP_ID = 'canned-popup';
export const optionId = (index: number): string => `${POPUP_ID}-${index}`;

export function CannedPopup({ popup }: { popup: CannedPopupState }) {
  const { canned } = useTexts();
  if (!popup.isOpen) return null;
  return (
    <div className="canned-popup">
      <div id={POPUP_ID} role="listbox" aria-label={canned.title}>
        {popup.found.map((one, index) => (
          <div
            key={one.id}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            aria-selected={index === popup.selected}
            className="canned-option"
            ref={(option) => {
              if (index === popup.selected) option?.scrollIntoView({ block: 'nearest' });
            }}
            onPointerDown={(event) => {
              event.preventDefault();
              popup.insert(one);
            }}
          >
            <span className="canned-head">
              <strong>{one.title}</strong>
              <code>/{one.shortcut}</code>
            </span>
            <span className="canned-text">{one.text}</span>
          </div>
        ))}
        {popup.found.length === 0 && <p className="canned-none">{canned.none}</p>}
      </div>
      <p className="canned-hint">{canned.hint}</p>
    </div>
  );
}
