/**
 * Everyone at the far end of a WebSocket: what contact and agent connections need, put together
 * once. Takes sockets from whichever adapter carries them (or from a simulation).
 */

import { COMMITS_BUSY } from '#core/platform/limits.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import type { Metrics } from '#core/platform/metrics.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { createBucket, UNLIMITED } from '../rate-limit.ts';
import { welcomeAgent } from './agent-peer.ts';
import { createConnections } from './connection.ts';
import { welcomeContact } from './contact-peer.ts';
import { createAnswer, type PeerDeps } from './peer.ts';
import type { SocketHandler } from './socket.ts';

type Own = 'bucket' | 'nextTurn' | 'answer' | 'onReplayFailed';
export type PeopleDeps = Omit<PeerDeps, Own> & {
  log: Log;
  metrics: Metrics;
  isLimited: boolean;
  admit: SocketHandler['admit'];
  /** The simulation decides when the next loop turn comes. */
  nextTurn?: () => Promise<void>;
};

export function createPeople(deps: PeopleDeps) {
  const { clock, log, metrics } = deps;
  const peers: PeerDeps = {
    ...deps,
    bucket: (burst, perSecond) =>
      deps.isLimited ? createBucket(burst, perSecond, clock.elapsed) : UNLIMITED,
    nextTurn: deps.nextTurn ?? (() => new Promise((resolve) => setImmediate(resolve))),
    answer: createAnswer(metrics, clock),
    onReplayFailed: (socket, error) => {
      log.error('replay failed', errorFields(error));
      socket.close(CLOSE.internal_error, 'the history cannot be read');
    },
  };
  return createConnections({
    clock,
    log,
    metrics,
    bucket: peers.bucket,
    nextTurn: peers.nextTurn,
    isBehind: () => deps.store.waiting() > COMMITS_BUSY,
    admit: deps.admit,
    welcome: async (socket, hello) =>
      hello.as === 'agent' ? welcomeAgent(peers, socket) : welcomeContact(peers, socket, hello),
  });
}
