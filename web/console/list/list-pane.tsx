/** The left pane: sections with counts, filter, the virtual list, the pill for new rows. */
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useDesk, useView } from '../state/desk-context.ts';
import { isWaiting, type Section } from '../state/sections.ts';
import { useTexts } from '../state/settings.ts';
import { EmptyList, ListSkeleton } from './empty-list.tsx';
import { ListHead } from './list-head.tsx';
import { ListRow } from './list-row.tsx';
import { NewRowsPill } from './new-rows-pill.tsx';
import { useListKeys } from './use-list-keys.ts';

export const ROW_HEIGHT = 92;

export function ListPane() {
  const { list } = useTexts();
  const desk = useDesk();
  const waiting = useView((view) => view.counts.waiting);
  const { conversation } = useTexts();
  const section = useView((view) => view.section);
  return (
    <nav className="list-pane" aria-label={list.title} onPointerLeave={() => settleAfter(desk)}>
      <ListHead />
      <Rows key={section} section={section} />
      <p className="hidden-status" role="status">
        {waiting > 0 ? conversation.noneWaiting(waiting) : ''}
      </p>
    </nav>
  );
}

/** With the pointer gone and nothing open there is nobody whose row could jump. */
function settleAfter(desk: ReturnType<typeof useDesk>): void {
  if (desk.view.get().open === undefined) desk.settle();
}

function Rows({ section }: { section: Section }) {
  const desk = useDesk();
  const { list } = useTexts();
  const shown = useView((view) => view.list.shown);
  const open = useView((view) => view.open);
  const listed = useView(() => desk.model.listed);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => shown[index] ?? index,
    overscan: 8,
    rangeExtractor: (range) => withFocused(range, shown),
  });
  useListKeys(scroller, (index) => virtual.scrollToIndex(index));
  useKeepOpenInView(scroller, open, shown);

  if (!listed) return <ListSkeleton />;
  const me = desk.account.agent.id;
  const last = virtual.range?.endIndex ?? shown.length;
  return (
    <div className="rows-frame">
      <NewRowsPill shown={shown} last={last} onShow={(index) => virtual.scrollToIndex(index)} />
      <div ref={scroller} className="rows">
        {shown.length === 0 && <EmptyList section={section} />}
        <ul style={{ height: virtual.getTotalSize() }} aria-label={list.sections[section]}>
          {virtual.getVirtualItems().map((item) => {
            const id = shown[item.index] ?? '';
            return (
              <li
                key={item.key}
                style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}
                aria-setsize={shown.length}
                aria-posinset={item.index + 1}
              >
                <ListRow id={id} isOpen={id === open} isGhost={isGhost(desk, section, id, me)} />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

/** Stays only because it must not move: what I hold myself is no ghost, wherever it stands. */
function isGhost(
  desk: ReturnType<typeof useDesk>,
  section: Section,
  id: string,
  me: string,
): boolean {
  const row = desk.row(id);
  if (row?.status !== 'open') return true;
  if (row.owner.kind === 'agent' && row.owner.id === me) return false;
  if (section === 'waiting') return !isWaiting(row, me);
  return section === 'mine' || (section === 'bot' && row.owner.kind !== 'bot');
}

/** The row with the focus stays drawn, however far the list is scrolled: focus is never lost. */
function withFocused(range: Range, shown: readonly string[]): number[] {
  const drawn = defaultRangeExtractor(range);
  const focused = document.activeElement?.getAttribute('data-row');
  const at = focused ? shown.indexOf(focused) : -1;
  if (at < 0 || drawn.includes(at)) return drawn;
  return [...drawn, at].sort((a, b) => a - b);
}

function useKeepOpenInView(
  scroller: { readonly current: HTMLDivElement | null },
  open: string | undefined,
  shown: readonly string[],
): void {
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const index = open ? latest.current.indexOf(open) : -1;
    const box = scroller.current;
    if (index < 0 || !box) return;
    const top = index * ROW_HEIGHT;
    if (top < box.scrollTop) box.scrollTop = top;
    const overflow = top + ROW_HEIGHT - (box.scrollTop + box.clientHeight);
    if (overflow > 0) box.scrollTop += overflow;
  }, [open, scroller]);
}
