/** The field grows with its text up to a third of the window, then scrolls. */
import { useLayoutEffect } from 'react';

export function useAutoHeight(
  input: { readonly current: HTMLTextAreaElement | null },
  text: string,
  mode: string,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: text and mode are what changes it
  useLayoutEffect(() => {
    const field = input.current;
    if (!field) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }, [input, text, mode]);
}
