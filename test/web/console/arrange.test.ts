/** Order without jumps: what is under the cursor or open stays where it is, whatever happens. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, nothingArranged, settle } from '../../../web/console/state/arrange.ts';

describe('arrange', () => {
  it('takes the ideal order when nothing is pinned', () => {
    expect(arrange(nothingArranged, ['a', 'b', 'c'], [])).toEqual(settle(['a', 'b', 'c']));
  });

  it('keeps a row that left above the pinned one, drops one below', () => {
    const before = settle(['a', 'b', 'c', 'd']);
    expect(arrange(before, ['b', 'c'], ['b']).shown).toEqual(['a', 'b', 'c']);
  });

  it('keeps the pinned row itself although it no longer belongs', () => {
    expect(arrange(settle(['a', 'b']), ['a'], ['b']).shown).toEqual(['a', 'b']);
  });

  it('holds back a newcomer that belongs above, lets one in that belongs below', () => {
    const after = arrange(settle(['b', 'c']), ['a', 'b', 'c', 'd'], ['c']);
    expect(after).toEqual({ shown: ['b', 'c', 'd'], held: ['a'] });
  });

  it('puts a newcomer between rows below the pinned one', () => {
    expect(arrange(settle(['a', 'c']), ['a', 'b', 'c'], ['a']).shown).toEqual(['a', 'b', 'c']);
  });

  it('for any lists: pinned rows keep their place, nobody is lost or doubled', () => {
    const ids = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'), { maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, ids, (shown, wanted, pinned) => {
        const after = arrange(settle(shown), wanted, pinned);
        for (const id of pinned) {
          const at = shown.indexOf(id);
          if (at >= 0) expect(after.shown.indexOf(id)).toBe(at);
        }
        const all = [...after.shown, ...after.held];
        expect(new Set(all).size).toBe(all.length);
        for (const id of wanted) expect(all).toContain(id);
      }),
    );
  });
});
