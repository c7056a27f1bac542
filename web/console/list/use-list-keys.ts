/** j and k move the focus from row to row, also beyond what the virtual list has drawn. */
import { useEffect, useRef } from 'react';
import { ports } from '../shell/ports.ts';
import { useDesk } from '../state/desk-context.ts';
import { filterInput } from './list-head.tsx';

type Box = { readonly current: HTMLDivElement | null };

export function useListKeys(box: Box, scrollTo: (index: number) => void): void {
  const desk = useDesk();
  const scroll = useRef(scrollTo);
  scroll.current = scrollTo;
  useEffect(() => {
    const focusAt = (index: number, tries = 3): void => {
      const id = desk.view.get().list.shown[index];
      if (!id) return;
      const link = box.current?.querySelector<HTMLElement>(`[data-row="${id}"]`);
      if (link) {
        link.focus();
        return;
      }
      scroll.current(index);
      if (tries > 0) requestAnimationFrame(() => focusAt(index, tries - 1));
    };
    const current = (): number => {
      const { shown } = desk.view.get().list;
      const focused = document.activeElement?.getAttribute('data-row') ?? '';
      const at = shown.indexOf(focused);
      return at >= 0 ? at : shown.indexOf(desk.view.get().open ?? '');
    };
    const last = () => desk.view.get().list.shown.length - 1;
    ports.list = {
      move: (by) => focusAt(Math.max(0, Math.min(last(), current() + by))),
      focus: () => focusAt(Math.max(0, current())),
      filter: () => filterInput.current?.focus(),
    };
    return () => {
      ports.list = undefined;
    };
  }, [desk, box]);
}
