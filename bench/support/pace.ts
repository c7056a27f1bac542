/** Waiting, and doing many things a few at a time. Pure but for timers. */

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param atOnce so many are under way at the same time
 * @returns what `make` gave, in the order of `index`; rejects with the first failure
 */
export async function several<T>(
  count: number,
  atOnce: number,
  make: (index: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  return made;
}

/** @returns false when `isTrue` was not true within `ms` */
export async function within(ms: number, isTrue: () => boolean): Promise<boolean> {
  const end = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > end) return false;
    await sleep(LOOKS_EVERY_MS);
  }
  return true;
}

const LOOKS_EVERY_MS = 5;
