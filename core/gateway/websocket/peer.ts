/** What contact and agent connections share: their dependencies, the welcome, the answer. */
import type { Identity } from '#core/identity/identity.ts';
import type { Clock } from '#core/platform/clock.ts';
import { HEARTBEAT_MS } from '#core/platform/limits.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import type { Random } from '#core/platform/random.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import { isRefusal, type Refusal } from '#core/protocol/errors.ts';
import { PROTOCOL_VERSION } from '#core/protocol/frames.ts';
import type { Ack } from '#core/router/lane.ts';
import type { Router } from '#core/router/router.ts';
import type { Presence } from '#core/store/presence.ts';
import type { Store } from '#core/store/store.ts';
import type { Bucket } from '../rate-limit.ts';
import { send } from './connection.ts';
import type { Hub } from './hub.ts';
import type { Socket } from './socket.ts';

export const SIGN_IN_COOKIE = 'tresen_sign_in';

export type PeerDeps = {
  store: Store;
  state: (conversation: string) => ConversationState | undefined;
  hub: Hub;
  router: Router;
  presence: Presence;
  identity: Identity;
  clock: Clock;
  random: Random;
  /** Limits a connection's commands: so many at once, so many per second. */
  bucket: (burst: number, perSecond: number) => Bucket;
  nextTurn: () => Promise<void>;
  /** The stored history could not be read: this connection ends, the process does not. */
  onReplayFailed: (socket: Socket, error: unknown) => void;
  answer: (socket: Socket, id: string, outcome: Ack | Refusal, startedMs: number) => void;
};

export const welcomeFrame = (deps: PeerDeps) =>
  ({
    t: 'welcome',
    protocol: PROTOCOL_VERSION,
    epoch: deps.store.epoch,
    now: deps.clock.now(),
    heartbeatMs: HEARTBEAT_MS,
    agentsOnline: deps.presence.online(),
  }) as const;

/** Tells the sender what became of his command, and measures how long that took. */
export const createAnswer =
  (metrics: Metrics, clock: Clock): PeerDeps['answer'] =>
  (socket, id, outcome, startedMs) => {
    if (isRefusal(outcome)) {
      metrics.refusals.inc({ code: outcome.refused });
      const detail = outcome.detail === undefined ? {} : { detail: outcome.detail };
      send(socket, { t: 'refusal', id, code: outcome.refused, ...detail });
      return;
    }
    metrics.commandSeconds.observe((clock.elapsed() - startedMs) / 1_000);
    send(socket, { t: 'ack', id, ...outcome });
  };

/** The secret of a sign-in out of the Cookie header of an upgrade. */
export function signInCookie(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === SIGN_IN_COOKIE)?.[1];
}
