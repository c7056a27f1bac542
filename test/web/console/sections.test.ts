/** What belongs where: the longest waiting first, mine and the queue's together. */
import { describe, expect, it } from 'vitest';
import { counts, isWaiting, wanted } from '../../../web/console/state/sections.ts';
import { atBot, ME, mine, NOON, queue, row, theirs } from './samples.ts';

const rows = [
  row('short', queue, { waitingSince: NOON + 9_000 }),
  row('long', mine, { waitingSince: NOON }),
  row('answered', mine, { updatedAt: NOON + 1 }),
  row('bot', atBot, { waitingSince: NOON - 1 }),
  row('theirs', theirs, { waitingSince: NOON - 5_000 }),
  row('done', { kind: 'nobody' }, { status: 'resolved', waitingSince: NOON }),
];

describe('sections', () => {
  it('waiting holds the queue and mine, longest first', () => {
    expect(wanted(rows, 'waiting', ME)).toEqual(['long', 'short']);
  });

  it('mine begins with who waits', () => {
    expect(wanted(rows, 'mine', ME)).toEqual(['long', 'answered']);
  });

  it('all leaves out what is resolved', () => {
    expect(wanted(rows, 'all', ME)).toEqual(['theirs', 'bot', 'long', 'short', 'answered']);
  });

  it('counts each section', () => {
    expect(counts(rows, ME)).toEqual({ waiting: 2, mine: 2, bot: 1, all: 5 });
  });

  it("a colleague's waiting contact does not count as waiting for me", () => {
    expect(isWaiting(row('x', theirs, { waitingSince: NOON }), ME)).toBe(false);
  });

  it('filters by every word, in owner, contact and last line', () => {
    const paket = row('p', theirs, { preview: { by: 'contact', text: 'Wo ist mein Paket?' } });
    expect(wanted([...rows, paket], 'all', ME, 'jonas paket')).toEqual(['p']);
    expect(wanted([...rows, paket], 'all', ME, 'jonas rechnung')).toEqual([]);
  });
});
