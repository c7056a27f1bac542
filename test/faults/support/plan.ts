/**
 * Which faults there are, in which order, and how many messages each has to get acked: the bounded
 * subset for every build, the whole for a night. One file per fault.
 */
import type { Fault } from './fault.ts';

export type Planned = { fault: Fault; messages: number };

/** Messages to ack: [in every build, in the full run]. Together more than TOTAL_MIN. */
const PLAN = {
  kill: [16_000, 420_000],
  'power-cut': [8_000, 160_000],
  'torn-wal': [4_000, 50_000],
  'disk-errors': [4_000, 60_000],
  'disk-full': [10_000, 60_000],
  'random-errors': [1_000, 30_000],
  'clock-jump': [3_000, 30_000],
  'worker-crash': [1_000, 10_000],
  'slow-readers': [3_000, 30_000],
  'half-open': [1_000, 10_000],
  storm: [2_000, 20_000],
  'chaos-proxy': [5_000, 60_000],
  'broken-index': [500, 5_000],
  shutdown: [5_000, 60_000],
  'two-instances': [8_000, 80_000],
} as const;

export const TOTAL_MIN = { bounded: 50_000, full: 1_000_000 } as const;

/** @returns every fault with its share of the messages */
export async function plan(full: boolean): Promise<Planned[]> {
  return Promise.all(
    Object.entries(PLAN).map(async ([name, [bounded, all]]) => {
      const { fault } = (await import(`../${name}.ts`)) as { fault: Fault };
      return { fault, messages: full ? all : bounded };
    }),
  );
}
