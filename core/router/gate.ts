/** Lets so many in at once; the others wait in the order in which they came. */
export type Gate = ReturnType<typeof createGate>;

export function createGate(options: { atOnce: number; waitingMax: number }) {
  let inside = 0;
  const waiting: (() => void)[] = [];

  /**
   * @returns what `work` gives, once it was let in
   * @throws Error when too many wait already, and what `work` throws
   */
  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= options.atOnce) {
      if (waiting.length >= options.waitingMax) throw new Error('too many are waiting');
      await new Promise<void>((enter) => waiting.push(enter));
    } else {
      inside++;
    }
    try {
      return await work();
    } finally {
      // The place is handed on, or given up.
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  }

  return Object.freeze({ pass });
}
