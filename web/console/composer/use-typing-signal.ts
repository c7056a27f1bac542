/** Tells the contact that the agent is writing, at most every 2.5 seconds; never for notes. */
import { useRef } from 'react';
import { TYPING_REPEATS_MS } from '../../../core/protocol/signals.ts';
import { useDesk } from '../state/desk-context.ts';

export function useTypingSignal(conversation: string, on: boolean): (text: string) => void {
  const desk = useDesk();
  const sentAt = useRef(0);
  return (text) => {
    if (!on || text.trim() === '' || Date.now() - sentAt.current < TYPING_REPEATS_MS) return;
    sentAt.current = Date.now();
    desk.typing(conversation);
  };
}
