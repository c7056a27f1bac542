/**
 * Keeps the end in view if it was in view, or when the agent sends something; counts messages
 * that came while it was not.
 */
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { StoredEvent } from '../../../core/protocol/events.ts';

/** This close to the end counts as being there. */
const NEAR_PX = 60;

export function useFollowEnd(
  box: { readonly current: HTMLElement | null },
  events: readonly StoredEvent[],
  length: number,
  sending: number,
) {
  const atEnd = useRef(true);
  const seenUntil = useRef(0);
  const [unseen, setUnseen] = useState(0);
  const sentBefore = useRef(sending);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `length` is the news
  useLayoutEffect(() => {
    const scroller = box.current;
    if (!scroller) return;
    const last = events.at(-1)?.seq ?? 0;
    if (sending > sentBefore.current) atEnd.current = true;
    sentBefore.current = sending;
    if (atEnd.current) {
      scroller.scrollTop = scroller.scrollHeight;
      seenUntil.current = last;
      setUnseen(0);
      return;
    }
    const missed = events.filter(
      ({ seq, body }) => seq > seenUntil.current && body.type === 'message.sent',
    );
    setUnseen(missed.length);
  }, [box, events, length, sending]);

  const onScroll = useCallback(() => {
    const scroller = box.current;
    if (!scroller) return;
    const rest = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    atEnd.current = rest < NEAR_PX;
    if (!atEnd.current) return;
    seenUntil.current = events.at(-1)?.seq ?? 0;
    setUnseen(0);
  }, [box, events]);

  const toEnd = useCallback(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
    box.current?.focus();
  }, [box]);

  return { unseen, toEnd, onScroll };
}
