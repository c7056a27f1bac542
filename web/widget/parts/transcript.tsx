/**
 * The conversation: a log that a screen reader follows politely, new lines only. It stays at the
 * newest line while the reader is there, and lets him be when he has scrolled back.
 * @jsxImportSource preact
 */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Entry, entriesOf, lastMessageOf } from '../state/entries.ts';
import type { Model } from '../state/model.ts';
import { fill } from '../texts/texts.ts';
import { Choices } from './choices.tsx';
import { Message } from './message.tsx';
import { useModel, useSurroundings } from './surroundings.ts';
import { Survey } from './survey.tsx';
import { Typing } from './typing.tsx';

/** Nearer to the end than this counts as reading along. */
const NEAR_END_PX = 80;

export function Transcript() {
  const model = useModel();
  const { words } = useSurroundings();
  const { texts } = words;
  const entries = entriesOf(model, (article) => labelOf(model, article));
  const last = lastMessageOf(entries);
  // The log appears together with its history, so that only what comes later is read aloud.
  const isLoading = model.loading && entries.length === 0;
  const place = useReadAlong(
    `${entries.length} ${last?.key} ${model.typing?.by}`,
    last?.by === 'contact',
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling place needs the keyboard
    <section class="transcript" ref={place} tabIndex={0} aria-label={texts.transcript}>
      <div class="content">
        {isLoading && <p class="loading">{texts.loading}</p>}
        {!isLoading && (
          <div role="log" aria-label={texts.transcript} aria-relevant="additions" class="log">
            {entries.map((entry) => (
              <Line key={entry.key} entry={entry} />
            ))}
          </div>
        )}
        {last?.choices && <Choices choices={last.choices} />}
        <Typing />
        <Survey />
      </div>
    </section>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { words } = useSurroundings();
  if (entry.kind === 'message') return <Message entry={entry} />;
  if (entry.kind === 'day') {
    return <p class="day">{words.day(entry.at, Date.now())}</p>;
  }
  return <p class="line">{fill(words.texts[entry.text], { name: entry.name ?? '' })}</p>;
}

function useReadAlong(change: string, isOwnMessage: boolean) {
  const place = useRef<HTMLElement>(null);
  const readsAlong = useRef(true);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const follow = () => {
      if (readsAlong.current) element.scrollTop = element.scrollHeight;
    };
    const look = () => {
      const { scrollHeight, scrollTop, clientHeight } = element;
      readsAlong.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    };
    const resized = new ResizeObserver(follow);
    resized.observe(element);
    if (element.firstElementChild) resized.observe(element.firstElementChild);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the lines have changed
  useLayoutEffect(() => {
    const element = place.current;
    if (element && (readsAlong.current || isOwnMessage)) element.scrollTop = element.scrollHeight;
  }, [change]);
  return place;
}

/** The words of an article that was clicked: from the quick questions or from a choice. */
function labelOf(model: Model, article: string): string {
  const questions = Object.values(model.config?.questions ?? {}).flat();
  const choices = (model.conversation?.events ?? []).flatMap(({ body }) =>
    body.type === 'message.sent' ? (body.choices ?? []) : [],
  );
  const chosen = choices.reverse().find((c) => c.kind === 'article' && c.article === article);
  return chosen?.label ?? questions.find((q) => q.article === article)?.label ?? article;
}
