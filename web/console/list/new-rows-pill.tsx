/** "3 new": rows that are held back so that nothing jumps, or that came in below the fold. */
import { useEffect, useRef, useState } from 'react';
import { IconDown } from '../icons.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import { useTexts } from '../state/settings.ts';

type Props = { shown: readonly string[]; last: number; onShow: (index: number) => void };

export function NewRowsPill({ shown, last, onShow }: Props) {
  const desk = useDesk();
  const { list } = useTexts();
  const held = useView((view) => view.list.held);
  const below = useUnseen(shown, last);
  const count = held.length + below.length;
  const show = () => {
    const target = held[0] ?? below[0];
    desk.settle();
    const index = target ? desk.view.get().list.shown.indexOf(target) : -1;
    if (index >= 0) onShow(index);
  };
  return (
    <div className="pill-place" role="status">
      {count > 0 && (
        <button type="button" className="pill" onClick={show}>
          <IconDown size={14} aria-hidden />
          {list.fresh(count)}
        </button>
      )}
    </div>
  );
}

/** @returns rows that came in since the list was made and have not been on the screen yet */
function useUnseen(shown: readonly string[], last: number): readonly string[] {
  const known = useRef<Set<string> | undefined>(undefined);
  const [unseen, setUnseen] = useState<readonly string[]>([]);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(shown);
    const onScreen = new Set(shown.slice(0, last + 1));
    setUnseen((old) => {
      const arrived = before ? shown.filter((id) => !before.has(id)) : [];
      const next = [...old, ...arrived].filter((id) => !onScreen.has(id) && known.current?.has(id));
      return next.length === 0 && old.length === 0 ? old : next;
    });
  }, [shown, last]);
  return unseen;
}
