/** What every part may ask for: the store and the words. Given once at the top of the tree. */
import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Model } from '../state/model.ts';
import type { Panel } from '../state/panel.ts';
import type { Store } from '../state/store.ts';
import type { Words } from '../texts/texts.ts';

type Given = { store: Store; words: Words; panel: Panel };

export const Surroundings = createContext<Given | undefined>(undefined);

export function useSurroundings(): Given {
  const given = useContext(Surroundings);
  if (!given) throw new Error('Surroundings are missing above this part');
  return given;
}

/** The model as it is now; the part is drawn again at every change. */
export function useModel(): Model {
  const { store } = useSurroundings();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => store.subscribe(() => redraw(undefined)), [store]);
  return store.model;
}
