/**
 * The input. Enter sends, Shift+Enter breaks the line, a half-composed word (IME) is left alone.
 * Nothing typed is ever cut: near the limit it counts, beyond it says so and waits.
 * @jsxImportSource preact
 */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { cleanText } from '../../../core/protocol/text.ts';
import { TEXT_LENGTH_MAX } from '../state/limits.ts';
import { fill } from '../texts/texts.ts';
import { Icon } from './icons.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

const COUNT_FROM = TEXT_LENGTH_MAX - 400;
const HEIGHT_MAX_PX = 160;
const IME_KEY_CODE = 229;

export function Composer() {
  const { ended } = useModel();
  const { store, words } = useSurroundings();
  const { texts } = words;
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const left = TEXT_LENGTH_MAX - cleanText(text).length;
  const isTooLong = left < 0;
  useGrowing(input, text);

  const send = () => {
    if (!isTooLong && !ended && store.send(text)) setText('');
    input.current?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    if (event.isComposing || event.keyCode === IME_KEY_CODE) return;
    event.preventDefault();
    send();
  };
  const typed = (value: string) => {
    setText(value);
    if (value !== '') store.typing();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class={isTooLong ? 'field is-invalid' : 'field'}>
        <label class="visually-hidden" for="message">
          {texts.input}
        </label>
        <textarea
          id="message"
          ref={input}
          rows={1}
          value={text}
          placeholder={texts.inputHint}
          enterkeyhint="send"
          aria-invalid={isTooLong}
          aria-describedby="count"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={pressed}
        />
        <button type="submit" class="send" aria-label={texts.send} aria-disabled={isTooLong}>
          <Icon name="send" />
        </button>
      </div>
      <p id="count" class="count" role="status">
        {isTooLong
          ? fill(texts.tooLong, { count: words.number(-left) })
          : left <= TEXT_LENGTH_MAX - COUNT_FROM
            ? fill(texts.left, { count: words.number(left) })
            : ''}
      </p>
    </form>
  );
}

/** Grows with what is typed, up to a limit, then scrolls. */
function useGrowing(input: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, HEIGHT_MAX_PX)}px`;
  }, [text, input]);
}
