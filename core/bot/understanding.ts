/**
 * Fills the port `inference.ts`: loads the model for these articles or trains it, opens or builds
 * the index of passages, and understands utterances with both. A failing index only costs some
 * candidates. Knows threads by their pool; decides nothing about what to say.
 */
import { join } from 'node:path';
import type { Article } from '#core/protocol/entities.ts';
import { createVectors, type Passage, type Vectors } from '#core/store/vectors.ts';
import { centred } from '#models/head.ts';
import { modelIdOf } from '#models/identity.ts';
import { keepNewest, loadModel } from '#models/storage.ts';
import { createUnderstandPool, trainInThread, type UnderstandPool } from '#workers/pool.ts';
import type { TrainProgress } from '#workers/tasks.ts';
import type { Candidate, Inference, Timing, Understanding, Utterance } from './inference.ts';
import { chooseReading, type FoundPassage, fuse, isFollowUp, widen } from './intent.ts';
import { wishesPerson } from './person-wish.ts';

export class ModelRefused extends Error {}

type Loaded = NonNullable<Awaited<ReturnType<typeof loadModel>>>;
type Deps = {
  articles: Article[];
  dataDir: string;
  log: {
    info(event: string, fields?: Record<string, number | string | boolean>): void;
    warn(event: string): void;
  };
  clock: { elapsed(): number };
  onProgress?: (progress: TrainProgress) => void;
  /** Aborted when the process stops: training ends soon then, and nothing more is loaded. */
  signal?: AbortSignal;
};

const passagesSearched = 5;
/** Threads of the first training, while nothing else is to be done. */
const threadsAtStart = 2;

/**
 * @returns the port, ready to understand. Articles are learned once: for changed ones call it again
 *   and close the old port when the new one stands; until then the old one serves.
 * @param loaded the model for these articles, when the caller has read it already
 * @throws ModelRefused when the release gate refuses the trained model, or what loading threw.
 */
export async function learn(deps: Deps, loaded?: Loaded): Promise<Inference> {
  const { log, clock } = deps;
  const directory = join(deps.dataDir, 'model');
  const id = modelIdOf(deps.articles);
  const known = loaded ?? (await loadModel(join(directory, id), id));
  const model = known ?? (await train(directory, id, deps));
  deps.signal?.throwIfAborted();
  const started = clock.elapsed();
  const [pool, vectors] = await Promise.all([
    createUnderstandPool({ directory, id }),
    createVectors({
      directory: join(deps.dataDir, 'index', id),
      passages: () => passagesOf(model),
    }).catch(() => {
      log.warn('no index of passages: asking back without it');
      return undefined;
    }),
  ]);
  const { accuracy, exampleCount, intentCount } = model.quality;
  const ms = Math.round(clock.elapsed() - started);
  log.info('the bot has its model', { model: id, ms, exampleCount, intentCount, accuracy });
  return createInference({ pool, vectors, calibration: model.calibration, id, clock });
}

/**
 * Learns from a few phrasings of each article first, when nothing is on disk yet: that bot is there
 * in a third of the time and less sure of itself. Then from all of them.
 * @param take is handed each model as it is ready
 * @throws what `learn` throws for the whole; a failing first step only costs time
 */
export async function learnInSteps(deps: Deps, take: (model: Inference) => void): Promise<void> {
  const directory = join(deps.dataDir, 'model');
  const id = modelIdOf(deps.articles);
  const loaded = await loadModel(join(directory, id), id);
  if (!loaded) {
    const first = learn({ ...deps, articles: deps.articles.map(shortened) });
    await first.then(take, () => deps.log.warn('no first model, learning the whole'));
  }
  deps.signal?.throwIfAborted();
  take(await learn(deps, loaded));
}

/** Enough to be useful at once; what must not be answered is learned from more. */
const phrasingsAtFirst = 5;
const outOfScopeAtFirst = 100;

function shortened(article: Article): Article {
  const count = article.kind === 'out-of-scope' ? outOfScopeAtFirst : phrasingsAtFirst;
  const few = (text: Article['de']) => ({ ...text, phrasings: text.phrasings.slice(0, count) });
  return { ...article, de: few(article.de), en: few(article.en) };
}

async function train(directory: string, id: string, deps: Deps): Promise<Loaded> {
  deps.log.info('the bot learns', { model: id, entries: deps.articles.length });
  const input = { articles: deps.articles, directory, id, threads: threadsAtStart };
  const result = await trainInThread(
    input,
    deps.signal ?? new AbortController().signal,
    deps.onProgress,
  );
  if (!result.trained) {
    const accuracy = Math.round(result.quality.accuracy * 100);
    throw new ModelRefused(`the trained model is right in ${accuracy} % only and may not serve`);
  }
  deps.log.info('the bot has learned', { ...result.seconds });
  await keepNewest(directory);
  await keepNewest(join(deps.dataDir, 'index'));
  const model = await loadModel(join(directory, id), id);
  if (!model) throw new Error(`the model in ${directory} cannot be read after training`);
  return model;
}

function passagesOf({ passages, encodings, mean }: Loaded): Passage[] {
  return passages.map(({ row, intent, language }) => {
    const encoding = encodings.subarray(row * mean.length, (row + 1) * mean.length);
    return { intent, language, vector: centred(encoding, mean) };
  });
}

type Heard = { language: Understanding['language']; candidates: Candidate[]; timing: Timing };

/** The port over a running pool; `vectors` may be missing. */
export function createInference(deps: {
  pool: UnderstandPool;
  vectors: Vectors | undefined;
  calibration: Loaded['calibration'];
  id: string;
  clock: { elapsed(): number };
}): Inference {
  const { pool, vectors, calibration, id, clock } = deps;
  const { answer, askBack } = calibration;

  async function understand(utterance: Utterance): Promise<Understanding> {
    const understanding = await read(utterance);
    if (!wishesPerson(utterance.text)) return understanding;
    const others = understanding.candidates.filter(({ intent }) => intent !== 'human');
    const candidates = [{ intent: 'human', confidence: 1 }, ...others].slice(0, 5);
    return { ...understanding, candidates, confidence: 1 };
  }

  async function read({ text, language, before }: Utterance): Promise<Understanding> {
    const alone = await hear(text, language);
    const sure = (alone.candidates[0]?.confidence ?? 0) >= answer;
    if (sure || !before || !isFollowUp(text)) return understandingOf(alone);
    const together = await hear(`${before} ${text}`, language);
    const choice = chooseReading(alone.candidates, together.candidates);
    return understandingOf(choice === 'alone' ? alone : together);
  }

  async function hear(text: string, language: Utterance['language']): Promise<Heard> {
    const start = clock.elapsed();
    const { evidence, encoding, encodeMs, totalMs } = await pool.understand({ text, language });
    const read = clock.elapsed();
    const queueMs = Math.max(0, read - start - totalMs);
    const candidates = fuse(evidence, calibration);
    const unsure = encoding !== undefined && (candidates[0]?.confidence ?? 1) < answer;
    const found = unsure ? await passagesNear(encoding) : [];
    const end = clock.elapsed();
    return {
      language: evidence.language,
      candidates: widen(candidates, found),
      timing: { queueMs, encodeMs, searchMs: end - read, totalMs: end - start },
    };
  }

  /** Searching costs more than all the rest: for the unsure only; a failing index finds none. */
  const passagesNear = async (encoding: Float32Array): Promise<FoundPassage[]> =>
    (await vectors?.search(encoding, passagesSearched).catch(() => [])) ?? [];

  async function close(): Promise<void> {
    await pool.close();
    vectors?.close();
  }

  return Object.freeze({
    understand,
    thresholds: () => ({ answer, askBack }),
    modelId: () => id,
    close,
  });
}

const understandingOf = (heard: Heard): Understanding => ({
  ...heard,
  confidence: heard.candidates[0]?.confidence ?? 0,
});
