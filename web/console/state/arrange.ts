/**
 * Order without jumps. Rows at or above a pinned one (under the cursor, or open) never move: who
 * leaves stays as a ghost, who would come in above waits behind the "3 new" pill.
 */
export type Arrangement = {
  shown: readonly string[];
  /** Newcomers that would push a pinned row down. */
  held: readonly string[];
};

export const nothingArranged: Arrangement = { shown: [], held: [] };

/** @returns the order of a fresh look: nothing held back, no ghosts */
export const settle = (wanted: readonly string[]): Arrangement => ({ shown: wanted, held: [] });

/**
 * @param before what is on the screen
 * @param wanted ids that belong, in their ideal order
 * @param pinned ids that must not move
 */
export function arrange(
  before: Arrangement,
  wanted: readonly string[],
  pinned: readonly string[],
): Arrangement {
  const pinnedAt = Math.max(-1, ...pinned.map((id) => before.shown.indexOf(id)));
  const rank = new Map(wanted.map((id, index) => [id, index]));
  const shown = before.shown.filter((id, index) => index <= pinnedAt || rank.has(id));
  const known = new Set(shown);
  const newcomers = wanted.filter((id) => !known.has(id));
  const held: string[] = [];
  const tail = shown.splice(pinnedAt + 1);
  const lastPinned = shown.at(-1);
  const lastPinnedRank = (lastPinned !== undefined && rank.get(lastPinned)) || -1;
  const below: string[] = [];
  for (const id of newcomers) {
    ((rank.get(id) ?? 0) < lastPinnedRank ? held : below).push(id);
  }
  return { shown: [...shown, ...merge(tail, below, rank)], held };
}

/** Puts each newcomer before the first row that ranks after it; known rows keep their order. */
function merge(
  tail: readonly string[],
  newcomers: readonly string[],
  rank: ReadonlyMap<string, number>,
): string[] {
  const result: string[] = [];
  let next = 0;
  for (const id of tail) {
    const own = rank.get(id) ?? Infinity;
    for (let newcomer = newcomers[next]; newcomer !== undefined; newcomer = newcomers[next]) {
      if ((rank.get(newcomer) ?? 0) > own) break;
      result.push(newcomer);
      next += 1;
    }
    result.push(id);
  }
  return result.concat(newcomers.slice(next));
}
