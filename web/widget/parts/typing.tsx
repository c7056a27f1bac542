/**
 * Somebody is writing. Seen at once, never read aloud: the message itself will be.
 * @jsxImportSource preact
 */
import { fill } from '../texts/texts.ts';
import { useModel, useSurroundings } from './surroundings.ts';

export function Typing() {
  const { typing } = useModel();
  const { texts } = useSurroundings().words;
  if (!typing) return null;
  const name = typing.name ?? texts.human;
  return (
    <div class={`typing by-${typing.by}`} aria-live="off">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{typing.by === 'bot' ? texts.typingBot : fill(texts.typingAgent, { name })}</span>
    </div>
  );
}
