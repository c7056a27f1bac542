/**
 * The composition root: every part is constructed here once, from the ground up, and stopped in
 * reverse. Contains no decision; everyone may be imported here, and nobody imports it but main.
 */
import { join } from 'node:path';
import { loadStarterCannedResponses } from './agent/canned-responses.ts';
import { createBot } from './bot/bot.ts';
import type { Inference } from './bot/inference.ts';
import { type BotModel, createBotModel } from './bot/readiness.ts';
import { createGateway } from './gateway/gateway.ts';
import { createHub } from './gateway/websocket/hub.ts';
import { createIdentity } from './identity/identity.ts';
import { createKnowledge, type Knowledge } from './knowledge/knowledge.ts';
import { loadStarterKnowledge } from './knowledge/starter.ts';
import { createOutbound } from './outbound/outbound.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { errorFields, type Log } from './platform/log.ts';
import { createMetrics, type Metrics } from './platform/metrics.ts';
import type { Random } from './platform/random.ts';
import type { Article, Language } from './protocol/entities.ts';
import { createBotTurns } from './router/bot-turns.ts';
import { createLanes } from './router/lane.ts';
import { createRouter } from './router/router.ts';
import { createPresence } from './store/presence.ts';
import { openStore, type Store } from './store/store.ts';

/** Less than the whole stop may take (main.ts). */
const MODEL_CLOSES_WITHIN_MS = 6_000;

export type App = Awaited<ReturnType<typeof createApp>>;

/**
 * Everything between the store and the gateway: who handles what is said, and who hears of it.
 * The simulation runs this very composition over sockets, time and chance of its own.
 */
export function createHouse(deps: {
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  store: Store;
  knowledge: Knowledge;
  model: BotModel;
  company: string;
  serviceHours: Record<Language, string>;
}) {
  const { clock, random, log, metrics, store, knowledge } = deps;
  const { article } = knowledge;
  const bot = createBot({ model: deps.model, article, company: deps.company });
  const hub = createHub(clock);
  const presence = createPresence((agentsOnline) => {
    metrics.agentsOnline.set(agentsOnline);
    hub.live.signalEveryone({ type: 'presence', agentsOnline });
  });
  const { deliver } = createOutbound(hub.live);
  const lanes = createLanes({ store: store.conversations, clock, metrics, deliver });
  const context = () => ({ agentsOnline: presence.online(), serviceHours: deps.serviceHours });
  const turns = createBotTurns({
    lanes,
    bot,
    store: store.conversations,
    clock,
    metrics,
    log,
    context,
    typing: ({ contact, id }) =>
      hub.live.signalContact(contact, { type: 'typing', conversation: id, by: 'bot' }),
  });
  const { isThere } = presence;
  const router = createRouter({ lanes, bot, turns, article, context, isThere });
  const identity = createIdentity({ agents: store.agents, clock, random });
  return Object.freeze({ hub, presence, state: lanes.state, turns, router, identity });
}

/**
 * @param learn trains or loads models for these articles and hands each to `take`, the better ones
 *   later; not awaited: people can chat while the bot learns
 * @param onFatal the disk or the writer failed (SQLite result code): end the process
 * @throws StartRefused, ConfigError, or what listening on the port throws
 */
export async function createApp(deps: {
  config: Config;
  clock: Clock;
  random: Random;
  log: Log;
  learn: (
    articles: Article[],
    modelDir: string,
    take: (model: Inference) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  onFatal: (code: number) => void;
  webDir?: string;
}) {
  const { config, clock, random, log } = deps;
  const dataDir = config.TRESEN_DATA_DIR;
  const metrics = createMetrics();
  const store = await openStore({ dataDir, clock, random, metrics, onFatal: deps.onFatal });
  if (store.passing) log.warn('the data will not outlive this', { on: store.passing });
  if (store.articles.all().length === 0) {
    const seeded = await store.articles.seed(loadStarterKnowledge(), loadStarterCannedResponses());
    if (seeded !== 'done') throw new Error('the starter knowledge cannot be stored');
  }
  const knowledge = createKnowledge(store.articles);
  const listening = Promise.withResolvers<void>();
  const model = createBotModel(async (take, signal) => {
    // People first: they can write before the threads and the index of the bot are loaded.
    await listening.promise;
    const modelDir = config.TRESEN_MODEL_DIR ?? dataDir;
    const learning = deps.learn(knowledge.all(), modelDir, take, signal);
    await learning.catch((error) => {
      if (!signal.aborted) log.error('the bot cannot learn', errorFields(error));
    });
  });
  const serviceHours = {
    de: config.TRESEN_SERVICE_HOURS_DE,
    en: config.TRESEN_SERVICE_HOURS_EN,
  };
  const company = config.TRESEN_COMPANY;
  const ground = { clock, random, log, metrics };
  const house = createHouse({ ...ground, store, knowledge, model, company, serviceHours });
  const { turns, identity } = house;
  const gateway = await createGateway({
    ...ground,
    ...house,
    config,
    store,
    model,
    knowledge,
    serviceHours,
    webDir: deps.webDir ?? join(import.meta.dirname, '../web/dist'),
  });
  listening.resolve();
  turns.resume();

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });

  /** Stops taking in, lets what is under way finish, then closes the store. */
  async function stop(): Promise<void> {
    turns.stop();
    await gateway.stop();
    await Promise.race([model.close(), pause(MODEL_CLOSES_WITHIN_MS)]);
    await store.close();
  }

  return Object.freeze({
    url: gateway.url,
    socket: gateway.socket,
    health: gateway.health,
    model,
    /** The link for the first agent, or undefined when there is one already. */
    firstSignUp: async () =>
      identity.hasAgents() ? undefined : gateway.signUpLink((await identity.invite()).token),
    stop,
  });
}
