/** The canned responses of the house: loaded once, again after a failure when connected. */
import { useEffect } from 'react';
import { ENDPOINTS } from '../../../core/protocol/endpoints.ts';
import type { CannedResponse, Language } from '../../../core/protocol/entities.ts';
import { type Canned, inLanguage } from './canned.ts';
import { useView } from './desk-context.ts';
import { get } from './http.ts';
import { createStore, useStore } from './store.ts';

type Loaded = {
  state: 'loading' | 'failed' | 'loaded';
  by: Record<Language, Canned[]>;
};

const store = createStore<Loaded>({ state: 'loading', by: { de: [], en: [] } });

async function load(): Promise<void> {
  const answer = await get<CannedResponse[]>(ENDPOINTS.cannedResponses);
  if (!answer.ok || !Array.isArray(answer.value)) return store.set({ state: 'failed' });
  const { value } = answer;
  store.set({ state: 'loaded', by: { de: inLanguage(value, 'de'), en: inLanguage(value, 'en') } });
}

export function useLoadCanned(): void {
  const live = useView((view) => view.status === 'live');
  useEffect(() => {
    if (live && store.get().state !== 'loaded') void load();
  }, [live]);
}

export const useCanned = (language: Language): Canned[] =>
  useStore(store, (loaded) => loaded.by[language]);
export const useCannedState = (): Loaded['state'] => useStore(store, (loaded) => loaded.state);
