/**
 * Closed loop over lines whose answers come in the order of sending: so many under way on each
 * line, the next leaves when one is answered. Knows neither what is sent nor to whom.
 */
import type { LoadResult, Window, WindowMarks } from './jobs.ts';
import { several, sleep } from './pace.ts';
import { spread } from './percentile.ts';

export type Sender = { send(): void; close(): void };

const OPENED_AT_ONCE = 64;

/** @param open makes one line; `answered` is called by it for each answer */
export async function closedLoop(
  job: Window & { connections: number; inFlight: number },
  marks: WindowMarks,
  open: (index: number, answered: () => void) => Promise<Sender>,
): Promise<LoadResult> {
  const latencies: number[] = [];
  let isMeasuring = false;
  let isOver = false;

  async function add(index: number): Promise<() => void> {
    const sent: number[] = [];
    const again = (): void => {
      sent.push(performance.now());
      line.send();
    };
    const line = await open(index, () => {
      const at = sent.shift() ?? Number.NaN;
      if (isMeasuring) latencies.push(performance.now() - at);
      if (!isOver) again();
    });
    lines.push(line);
    return again;
  }

  const lines: Sender[] = [];
  const starts = await several(job.connections, OPENED_AT_ONCE, add);
  for (const start of starts) for (let i = 0; i < job.inFlight; i++) start();
  await sleep(job.warmUpMs);
  isMeasuring = true;
  marks.start();
  const started = performance.now();
  await sleep(job.measureMs);
  const seconds = (performance.now() - started) / 1_000;
  isMeasuring = false;
  marks.end();
  isOver = true;
  for (const line of lines) line.close();
  return {
    perSecond: latencies.length / seconds,
    ack: spread(latencies),
    delivered: spread([]),
    refused: 0,
    missing: 0,
  };
}
