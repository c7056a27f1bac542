/** What everybody in front of a browser is handed: time, chance, lines, and whom to tell. */
import type { Connection, ConnectionOptions } from '../../web/shared/connection.ts';
import type { Environment } from '../../web/shared/environment.ts';
import type { Chance } from './chance.ts';
import type { Network } from './network.ts';
import type { Timeline } from './timeline.ts';
import type { Find } from './truth.ts';

/** A message that is about as long as allowed. */
export const LONG_TEXT = 3_900;

export type ActorDeps = {
  chance: Chance;
  /** Share of messages that are as long as allowed. */
  longTexts: number;
  now: () => number;
  /** The production `createConnection`, unless a known bug is planted. */
  connect: (options: ConnectionOptions) => Connection;
  environment: (
    name: string,
    isClosed: () => boolean,
    wakers: Set<() => void>,
    cookie?: () => string | undefined,
  ) => Environment;
  articles: readonly { id: string }[];
  find: Find;
  trace: (what: string) => void;
};

/** The surroundings of production client code, simulated (I7). */
export const createEnvironments =
  (timeline: Timeline, chance: Chance, network: Network): ActorDeps['environment'] =>
  (name, isClosed, wakers, cookie) => ({
    open: () => network.open(name, cookie?.()).socket,
    now: timeline.now,
    random: chance.next,
    uuid: () => chance.uuid(timeline.now()),
    later: (ms, run) =>
      timeline.after(ms, `${name} timer`, () => {
        if (!isClosed()) run();
      }),
    onWake: (run) => {
      wakers.add(run);
      return () => wakers.delete(run);
    },
  });
