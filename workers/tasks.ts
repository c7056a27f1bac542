/**
 * The words spoken across the thread boundary: what each task is handed and gives back. Both sides
 * import only this. Everything here can be cloned: plain objects, strings and typed arrays.
 */
import type { Article, Language } from '#core/protocol/entities.ts';
import type { Evidence } from '#models/evidence.ts';
import type { Quality } from '#models/quality.ts';

export type TrainInput = {
  articles: Article[];
  /** Folder of all models; the new one gets a folder named by `id` in it. */
  directory: string;
  id: string;
  /** First element not 0: stop soon. A thread torn down inside the runtime takes the process along. */
  stop: Int32Array;
  /** Threads for encoding and matrix products: more than one only while nothing is served. */
  threads: number;
};
export type TrainOutput =
  | { trained: true; quality: Quality; seconds: { encode: number; total: number } }
  /** The release gate said no; nothing was written. */
  | { trained: false; quality: Quality };
export type EncodeInput = { lines: string[]; stop: Int32Array };

/** @throws Error when the main thread wants this one to end */
export function throwIfStopped(stop: Int32Array): void {
  if (Atomics.load(stop, 0) !== 0) throw new Error('stopped');
}

export type TrainProgress = { done: number; of: number };

/** Given once, when the inference thread starts. */
export type UnderstandSetup = { directory: string; id: string };

export type UnderstandInput = { text: string; language?: Language };
export type UnderstandOutput = {
  evidence: Evidence;
  /** Centred unit vector; undefined when there was nothing to encode. */
  encoding?: Float32Array;
  encodeMs: number;
  totalMs: number;
};
