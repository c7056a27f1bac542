/**
 * Replies that take one click, below the newest message only.
 * @jsxImportSource preact
 */
import type { Choice } from '../../../core/protocol/entities.ts';
import { focusBack } from './focus.ts';
import { Icon } from './icons.tsx';
import { useSurroundings } from './surroundings.ts';

export function Choices({ choices }: { choices: Choice[] }) {
  const { store, words } = useSurroundings();
  // The way to a person stands right below already; alone, it is the answer and is shown.
  const shown = choices.length > 1 ? choices.filter(({ kind }) => kind !== 'human') : choices;
  const choose = (choice: Choice) => {
    if (choice.kind === 'human') store.requestHuman();
    else store.choose(choice.article);
    focusBack();
  };
  return (
    <ul class="choices" aria-label={words.texts.choices}>
      {shown.map((choice) => (
        <li key={choice.kind === 'human' ? 'human' : choice.article}>
          <button type="button" class="choice" onClick={() => choose(choice)}>
            {choice.kind === 'human' && <Icon name="person" />}
            {choice.label}
          </button>
        </li>
      ))}
    </ul>
  );
}
