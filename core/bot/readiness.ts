/**
 * The model may still be learning when the first contact writes: until it is ready its port waits.
 * Tells operators how it stands. Knows nothing of how a model comes about.
 */
import type { Inference } from './inference.ts';

export type Readiness = 'learning' | 'ready' | 'unavailable';
export type BotModel = ReturnType<typeof createBotModel>;

/** @param coming resolves with the port; when it rejects, conversations go to people */
export function createBotModel(coming: Promise<Inference>) {
  let inference: Inference | undefined;
  let readiness: Readiness = 'learning';
  const settled = coming.then(
    (ready) => {
      inference = ready;
      readiness = 'ready';
    },
    () => {
      readiness = 'unavailable';
    },
  );

  /** @throws Error while learning or when there is no model */
  function get(): Inference {
    if (inference === undefined) throw new Error(`the bot's model is ${readiness}`);
    return inference;
  }

  return Object.freeze({
    get,
    /** Resolves when the model is ready or has failed; `get` tells which. */
    settled: () => settled,
    readiness: () => readiness,
    /** While it still learns there is nothing to close: its threads end with the process. */
    close: async () => inference?.close(),
  });
}
