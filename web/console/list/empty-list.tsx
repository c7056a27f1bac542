/** What an empty list says, and what stands there until the first list has arrived. */
import { IconCheck } from '../icons.ts';
import { useView } from '../state/desk-context.ts';
import type { Section } from '../state/sections.ts';
import { useTexts } from '../state/settings.ts';

export function EmptyList({ section }: { section: Section }) {
  const { list } = useTexts();
  const filtered = useView((view) => view.filter.trim() !== '');
  const words = list.empty[filtered ? 'filter' : section];
  return (
    <div className="empty-list">
      <span className="empty-icon" aria-hidden="true">
        <IconCheck size={20} />
      </span>
      <p className="empty-title">{words.title}</p>
      <p>{words.lead}</p>
    </div>
  );
}

export function ListSkeleton() {
  const { shell } = useTexts();
  return (
    <div className="rows" role="status" aria-label={shell.loading}>
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <div key={key} className="row-skeleton" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
