/**
 * One bubble: who, what, when. Every bot bubble carries the AI mark (I10) and its source; an own
 * one tells whether it is stored, and a failed one keeps its words and can be sent again.
 * @jsxImportSource preact
 */
import type { MessageEntry } from '../state/entries.ts';
import { fill } from '../texts/texts.ts';
import { focusBack } from './focus.ts';
import { Icon } from './icons.tsx';
import { RichText } from './rich-text.ts';
import { useSurroundings } from './surroundings.ts';

export function Message({ entry }: { entry: MessageEntry }) {
  const { words } = useSurroundings();
  const { texts } = words;
  const { by, name, text, follows, bot } = entry;
  const speaker = by === 'contact' ? texts.you : by === 'bot' ? texts.bot : (name ?? texts.human);
  const classes = ['message', `by-${by}`, follows && 'follows', `is-${entry.state}`];
  return (
    <article class={classes.filter(Boolean).join(' ')}>
      <h2 class={by === 'agent' && !follows ? 'speaker' : 'visually-hidden'}>
        {speaker}
        {by === 'agent' && <span class="badge badge-human">{texts.human}</span>}
      </h2>
      <div class="bubble">
        {by === 'contact' ? <p class="typed">{text}</p> : <RichText text={text} />}
      </div>
      <p class="meta">
        {by === 'bot' && (
          <abbr class="ai" title={texts.bot}>
            {texts.botMark}
          </abbr>
        )}
        {entry.at !== undefined && (
          <time dateTime={new Date(entry.at).toISOString()}>{words.time(entry.at)}</time>
        )}
        {bot?.title && <span class="source">{fill(texts.source, { title: bot.title })}</span>}
        {by === 'contact' && <Fate entry={entry} />}
      </p>
      {entry.state === 'failed' && <Failed entry={entry} />}
    </article>
  );
}

function Fate({ entry }: { entry: MessageEntry }) {
  const { texts } = useSurroundings().words;
  const icons = { sending: 'clock', stored: 'check', failed: 'alert' } as const;
  return (
    <span class="fate">
      <Icon name={icons[entry.state]} />
      <span class={entry.state === 'failed' ? '' : 'visually-hidden'}>{texts[entry.state]}</span>
    </span>
  );
}

function Failed({ entry }: { entry: MessageEntry }) {
  const { store, words } = useSurroundings();
  const { texts } = words;
  const then = (act: () => void) => () => {
    act();
    focusBack();
  };
  const reasons: Record<string, string> = texts.refusals;
  return (
    <div class="failed" role="alert">
      <p>{reasons[entry.refusal ?? ''] ?? texts.refusals.other}</p>
      <button type="button" class="button small" onClick={then(() => store.retry(entry.key))}>
        {texts.again}
      </button>
      <button type="button" class="button small" onClick={then(() => store.discard(entry.key))}>
        {texts.discard}
      </button>
    </div>
  );
}
