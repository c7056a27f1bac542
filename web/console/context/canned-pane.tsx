/** All canned responses with their keys; a click inserts at the cursor. */
import { useState } from 'react';
import type { Language } from '../../../core/protocol/entities.ts';
import { Keys } from '../shell/keys.tsx';
import { ports } from '../shell/ports.ts';
import { fill, find } from '../state/canned.ts';
import { useDesk } from '../state/desk-context.ts';
import { useTexts } from '../state/settings.ts';
import { useCanned, useCannedState } from '../state/use-canned.ts';

type Props = { language: Language; onInserted: () => void };

export function CannedPane({ language, onInserted }: Props) {
  const desk = useDesk();
  const { canned, shell } = useTexts();
  const all = useCanned(language);
  const state = useCannedState();
  const [query, setQuery] = useState('');
  const number = new Map(all.slice(0, 9).map((one, index) => [one.id, index + 1]));
  const status = { loading: shell.loading, failed: canned.failed, loaded: canned.empty }[state];
  return (
    <section className="context-section canned-pane">
      <h3>{canned.title}</h3>
      {all.length === 0 && <p className="soft">{status}</p>}
      {all.length > 0 && (
        <input
          type="text"
          className="canned-find"
          aria-label={canned.find}
          placeholder={canned.find}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ul className="canned-list">
        {find(all, query).map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="canned-item"
              lang={language}
              title={one.text}
              onClick={() => {
                onInserted();
                ports.composer?.insert(fill(one.text, { agent: desk.account.agent.name }));
              }}
            >
              <span>{one.title}</span>
              {number.has(one.id) ? (
                <Keys keys={`Alt ${number.get(one.id)}`} />
              ) : (
                <code>/{one.shortcut}</code>
              )}
            </button>
          </li>
        ))}
      </ul>
      {query !== '' && find(all, query).length === 0 && <p className="soft">{canned.none}</p>}
    </section>
  );
}
