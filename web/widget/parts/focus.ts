/**
 * Where focus goes when the button that had it is gone: to the input, or, where that would bring
 * up a keyboard over half the screen, to the name of who is answering.
 */
export function focusBack(): void {
  const isTouch = matchMedia('(pointer: coarse)').matches;
  document.getElementById(isTouch ? 'who' : 'message')?.focus();
}
