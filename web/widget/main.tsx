/**
 * Starts the app in the iframe: language from the address, one store, one panel, one tree.
 * @jsxImportSource preact
 */
import { render } from 'preact';
import '../shared/tokens.css';
import './styles/base.css';
import './styles/header.css';
import './styles/transcript.css';
import './styles/message.css';
import './styles/footer.css';
import './styles/survey.css';
import { App } from './parts/app.tsx';
import { Surroundings } from './parts/surroundings.ts';
import { connectPanel } from './state/panel.ts';
import { Store } from './state/store.ts';
import { createWords } from './texts/texts.ts';

const wished = new URLSearchParams(location.search).get('language');
const language = wished === 'en' ? 'en' : 'de';
document.documentElement.lang = language;

const store = new Store(language);
const surroundings = { store, words: createWords(language), panel: connectPanel(store) };
const place = document.getElementById('app');
if (place) {
  render(
    <Surroundings.Provider value={surroundings}>
      <App />
    </Surroundings.Provider>,
    place,
  );
}
await store.start();
