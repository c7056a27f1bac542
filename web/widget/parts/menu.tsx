/**
 * Start anew, or make this tab forget. Forgetting is asked for once more, because it cannot be
 * taken back. Esc closes the menu first, the panel only after that.
 * @jsxImportSource preact
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { focusBack } from './focus.ts';
import { Icon } from './icons.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

export function Menu() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const { texts } = useSurroundings().words;

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false);
    };
    addEventListener('pointerdown', outside);
    addEventListener('focusin', outside);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('focusin', outside);
    };
  }, [open]);

  const onEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    event.preventDefault();
    setOpen(false);
    button.current?.focus();
  };
  const done = () => {
    setOpen(false);
    focusBack();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only catches Esc of what is inside
    <div class="menu" ref={place} onKeyDown={onEscape}>
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-label={texts.menu}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="menu" />
      </button>
      {open && <MenuItems done={done} />}
    </div>
  );
}

function MenuItems({ done }: { done: () => void }) {
  const [asking, setAsking] = useState(false);
  const { conversationId } = useModel();
  const { store, words } = useSurroundings();
  const { texts } = words;
  const first = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: focus follows the question
  useEffect(() => first.current?.focus(), [asking]);
  const then = (act: () => void) => () => {
    act();
    done();
  };
  if (asking) {
    return (
      <div class="sheet" role="alertdialog" aria-labelledby="forget" aria-describedby="forget-why">
        <p id="forget" class="sheet-title">
          {texts.forgetQuestion}
        </p>
        <p id="forget-why">{texts.forgetText}</p>
        <div class="sheet-actions">
          <button type="button" class="button" ref={first} onClick={() => setAsking(false)}>
            {texts.cancel}
          </button>
          <button type="button" class="button danger" onClick={then(() => store.forget())}>
            {texts.forgetConfirm}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="sheet">
      <button
        type="button"
        class="sheet-item"
        ref={first}
        disabled={conversationId === undefined}
        onClick={then(() => store.newConversation())}
      >
        <Icon name="fresh" />
        {texts.newConversation}
      </button>
      <button type="button" class="sheet-item" onClick={() => setAsking(true)}>
        <Icon name="trash" />
        {texts.forget}
      </button>
    </div>
  );
}
