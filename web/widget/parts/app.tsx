/**
 * The panel from top to bottom, and the keys that belong to all of it.
 * @jsxImportSource preact
 */
import { useEffect } from 'preact/hooks';
import { Banner } from './banner.tsx';
import { Composer } from './composer.tsx';
import { focusBack } from './focus.ts';
import { Header } from './header.tsx';
import { HumanBar } from './human-bar.tsx';
import { useModel, useSurroundings } from './surroundings.ts';
import { Transcript } from './transcript.tsx';
import { Welcome } from './welcome.tsx';

export function App() {
  const model = useModel();
  const { panel, words } = useSurroundings();

  useEffect(() => {
    if (!model.visible || !model.framed) return;
    focusBack();
  }, [model.visible, model.framed]);

  useEffect(() => {
    const onEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) panel.close();
    };
    addEventListener('keydown', onEscape);
    return () => removeEventListener('keydown', onEscape);
  }, [panel]);

  return (
    <section class="app" aria-label={words.texts.panel}>
      <Header />
      <Banner />
      <div class="main">{model.conversationId === undefined ? <Welcome /> : <Transcript />}</div>
      <div class="footer">
        <HumanBar />
        <Composer />
      </div>
    </section>
  );
}
