/**
 * The model may still be learning when the first contact writes: until it is ready its port waits,
 * and when a better one comes it takes the place of the old between two utterances.
 * Tells operators how it stands. Knows nothing of how a model comes about.
 */
import type { Inference } from './inference.ts';

export type Readiness = 'learning' | 'ready' | 'unavailable';
export type BotModel = ReturnType<typeof createBotModel>;

/**
 * @param learn hands over each model as it comes, the better ones later; when it ends without any,
 *   conversations go to people
 */
export function createBotModel(
  learn: (take: (better: Inference) => void, signal: AbortSignal) => Promise<void>,
) {
  let inference: Inference | undefined;
  let readiness: Readiness = 'learning';
  let learned: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  const settled = new Promise<void>((resolve) => {
    function take(better: Inference): void {
      const old = inference;
      inference = better;
      readiness = 'ready';
      resolve();
      // It finishes what it has begun; nobody waits for that.
      old?.close().catch(() => undefined);
    }
    learned = learn(take, stopping.signal)
      .catch(() => undefined)
      .finally(() => {
        if (inference === undefined) readiness = 'unavailable';
        resolve();
      });
  });

  /** @throws Error while learning or when there is no model */
  function get(): Inference {
    if (inference === undefined) throw new Error(`the bot's model is ${readiness}`);
    return inference;
  }

  return Object.freeze({
    get,
    /** Resolves when there is a model or will be none; `get` tells which. */
    settled: () => settled,
    readiness: () => readiness,
    /** Ends the learning first: a thread inside the runtime must not be torn down. */
    close: async () => {
      stopping.abort();
      await learned;
      await inference?.close();
    },
  });
}
