/**
 * The house put together as `core/app.ts` does it, with one of its parts exchanged: the seam for
 * known bugs that sit between two parts. Only `plants.ts` uses it.
 */
import type { createHouse } from '#core/app.ts';
import { createBot } from '#core/bot/bot.ts';
import { createHub } from '#core/gateway/websocket/hub.ts';
import { createIdentity } from '#core/identity/identity.ts';
import { createOutbound, type Outbound } from '#core/outbound/outbound.ts';
import { createBotTurns } from '#core/router/bot-turns.ts';
import { createLanes, type Lanes } from '#core/router/lane.ts';
import { createRouter } from '#core/router/router.ts';
import type { Conversations } from '#core/store/conversations.ts';
import { createPresence } from '#core/store/presence.ts';

type Deps = Parameters<typeof createHouse>[0];
export type Bugs = {
  lanes?: (lanes: Lanes) => Lanes;
  conversations?: (store: Conversations, deliver: Outbound['deliver']) => Conversations;
};

export const createHouseWithBugs =
  (bugs: Bugs): typeof createHouse =>
  (deps: Deps) => {
    const { clock, random, log, metrics, store, knowledge } = deps;
    const { article } = knowledge;
    const bot = createBot({ model: deps.model, article, company: deps.company });
    const hub = createHub(clock);
    const presence = createPresence((agentsOnline) => {
      hub.live.signalEveryone({ type: 'presence', agentsOnline });
    });
    const { deliver } = createOutbound(hub.live);
    const conversations = bugs.conversations?.(store.conversations, deliver) ?? store.conversations;
    const good = createLanes({ store: conversations, clock, metrics, deliver });
    const lanes = bugs.lanes?.(good) ?? good;
    const context = () => ({ agentsOnline: presence.online(), serviceHours: deps.serviceHours });
    const turns = createBotTurns({
      lanes,
      bot,
      store: conversations,
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
  };
