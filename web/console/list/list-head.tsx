/** Section tabs with their counts, and the filter. */
import { useEffect, useRef } from 'react';
import { IconSearch, IconX } from '../icons.ts';
import { useDesk, useView } from '../state/desk-context.ts';
import { SECTIONS } from '../state/sections.ts';
import { useTexts } from '../state/settings.ts';

/** More than this nobody counts: the tabs keep their place. */
const COUNT_MAX = 999;

export const filterInput = { current: null as HTMLInputElement | null };

export function ListHead() {
  const desk = useDesk();
  const { list } = useTexts();
  const section = useView((view) => view.section);
  const counts = useView((view) => view.counts);
  return (
    <div className="list-head">
      <div className="sections">
        {SECTIONS.map((one) => (
          <button
            key={one}
            type="button"
            className="section"
            aria-pressed={one === section}
            data-urgent={one === 'waiting' && counts.waiting > 0}
            onClick={() => desk.choose(one)}
          >
            {list.sections[one]}
            <span className="section-count">
              {counts[one] > COUNT_MAX ? `${COUNT_MAX}+` : counts[one]}
            </span>
          </button>
        ))}
      </div>
      <Filter />
    </div>
  );
}

function Filter() {
  const desk = useDesk();
  const { list } = useTexts();
  const filter = useView((view) => view.filter);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    filterInput.current = input.current;
    return () => {
      filterInput.current = null;
    };
  }, []);
  return (
    <div className="filter">
      <IconSearch size={15} aria-hidden />
      <input
        ref={input}
        type="text"
        value={filter}
        aria-label={list.filter}
        placeholder={list.filter}
        onChange={(event) => desk.filter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          desk.filter('');
          event.currentTarget.blur();
        }}
      />
      {filter !== '' && (
        <button
          type="button"
          className="icon-button small"
          aria-label={list.filterClear}
          onClick={() => {
            desk.filter('');
            input.current?.focus();
          }}
        >
          <IconX size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}
