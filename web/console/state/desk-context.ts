/** The desk as views reach it: the instance, what is on the screen, and one conversation's row. */
import { createContext, useContext } from 'react';
import type { Desk, DeskView } from './desk.ts';
import type { Row } from './model.ts';
import { useStore } from './store.ts';

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('no desk above this view');
  return desk;
}

export const useView = <S>(select: (view: DeskView) => S): S => useStore(useDesk().view, select);

export function useRow(id: string): Row | undefined {
  const desk = useDesk();
  return useStore(desk.view, () => desk.row(id));
}
