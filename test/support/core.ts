/**
 * The core without sockets: real store on disk, real router, real bot policy; the clock, the
 * inference and the live channel are the test's. One construction for every test that needs it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBot } from '#core/bot/bot.ts';
import { createBotModel } from '#core/bot/readiness.ts';
import { loadStarterKnowledge } from '#core/knowledge/starter.ts';
import type { LiveChannel } from '#core/outbound/channel.ts';
import { createOutbound } from '#core/outbound/outbound.ts';
import { createLog } from '#core/platform/log.ts';
import { createMetrics } from '#core/platform/metrics.ts';
import { systemRandom } from '#core/platform/random.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { createBotTurns } from '#core/router/bot-turns.ts';
import { createLanes } from '#core/router/lane.ts';
import { createRouter } from '#core/router/router.ts';
import { openStore } from '#core/store/store.ts';
import { createScriptedInference, type Script } from './scripted-inference.ts';
import { createVirtualClock } from './virtual-clock.ts';

export type Core = Awaited<ReturnType<typeof createCore>>;

export async function createCore(
  options: { script?: Script; held?: boolean; dataDir?: string; agentsOnline?: number } = {},
) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tresen-core-'));
  const clock = createVirtualClock();
  const metrics = createMetrics();
  const store = await openStore({
    dataDir,
    clock,
    random: systemRandom,
    metrics,
    onFatal: (code) => {
      throw new Error(`the writer gave up: ${code}`);
    },
  });
  const scripted = createScriptedInference(options.script ?? {}, { held: options.held ?? false });
  const articles = new Map(loadStarterKnowledge().map((article) => [article.id, article]));
  const article = (id: string) => articles.get(id);
  const model = createBotModel(async (take) => take(scripted.inference));
  const bot = createBot({ model, article, company: 'Muster-Shop' });
  const delivered: { state: ConversationState; event: StoredEvent }[] = [];
  const shown: StoredEvent[] = [];
  const live: LiveChannel = {
    toContact: (_contact, _conversation, events) => void shown.push(...events),
    toWatchers: () => undefined,
    toAgents: () => undefined,
    signalContact: () => undefined,
    signalWatchers: () => undefined,
    signalEveryone: () => undefined,
  };
  const outbound = createOutbound(live);
  const lanes = createLanes({
    store: store.conversations,
    clock,
    metrics,
    deliver: (state, events) => {
      delivered.push(...events.map((event) => ({ state, event })));
      outbound.deliver(state, events);
    },
  });
  const serviceHours = { de: 'Mo–Fr 8–20 Uhr', en: 'Mon–Fri 8 am–8 pm' };
  let agentsOnline = options.agentsOnline ?? 1;
  const context = () => ({ agentsOnline, serviceHours });
  const typing: string[] = [];
  const there = new Set(['agent-anna', 'agent-ben']);
  const turns = createBotTurns({
    lanes,
    bot,
    store: store.conversations,
    clock,
    metrics,
    log: createLog({ level: 'silent' }),
    context,
    typing: ({ id }) => void typing.push(id),
  });
  const router = createRouter({
    lanes,
    bot,
    turns,
    article,
    context,
    isThere: (id) => there.has(id),
  });

  return {
    dataDir,
    clock,
    metrics,
    store,
    lanes,
    turns,
    router,
    article,
    inference: scripted,
    /** Every event in the order of delivery, with the state after its commit. */
    delivered,
    /** Ids of the agents who are connected. */
    there,
    /** What the contact was shown. */
    shown,
    typing,
    setAgentsOnline: (count: number) => {
      agentsOnline = count;
    },
    /** Lets promises, the writer thread and bot turns run until `is` holds. */
    until: async (is: () => boolean, what = 'condition') => {
      for (let i = 0; i < 2_000 && !is(); i++) await new Promise((r) => setTimeout(r, 2));
      if (!is()) throw new Error(`never: ${what}`);
    },
    close: async (keep = false) => {
      await store.close();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A contact as the gateway hands him to the router, not stored yet. */
export const newContact = (language: 'de' | 'en' = 'de') => {
  const id = systemRandom.uuid(Date.now());
  return { id, unstored: { tokenHash: `hash-of-${id}`, language, at: 1_790_000_000_000 } };
};

export const newId = (): string => systemRandom.uuid(Date.now());
