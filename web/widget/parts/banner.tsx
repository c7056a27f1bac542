/**
 * Trouble, said in one calm line below the header; the place is always there, so that a screen
 * reader hears when something appears in it.
 * @jsxImportSource preact
 */
import { focusBack } from './focus.ts';
import { Icon } from './icons.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

export function Banner() {
  const { ended, troubled, configFailed, status } = useModel();
  const { store, words } = useSurroundings();
  const { texts } = words;
  const again = () => {
    void store.reloadConfig();
    focusBack();
  };
  const text = ended
    ? texts.ended
    : troubled
      ? texts.offline
      : configFailed && status === 'live'
        ? texts.configFailed
        : undefined;
  return (
    <div role="status" class="banner-place">
      {text !== undefined && (
        <div class="banner">
          <Icon name="alert" />
          <p>{text}</p>
          {text === texts.configFailed && (
            <button type="button" class="button small" onClick={again}>
              {texts.tryAgain}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
