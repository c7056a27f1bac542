/** The yardsticks' load: frames of one size that come straight back, closed loop. */
import type { EchoJob, LoadResult, WindowMarks } from './jobs.ts';
import { type Line, openTcp, openWebSocket } from './line.ts';
import { spread } from './percentile.ts';
import { textFrame } from './web-socket-frames.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function loadEcho(job: EchoJob, marks: WindowMarks): Promise<LoadResult> {
  const frame = textFrame('x'.repeat(job.size));
  const latencies: number[] = [];
  const lines: Line[] = [];
  let isMeasuring = false;
  let isOver = false;

  async function add(): Promise<void> {
    /** Echoes come in the order of sending. */
    const sent: number[] = [];
    let bytes = 0;
    const again = (): void => {
      sent.push(performance.now());
      line.sendBytes(frame);
    };
    const back = (): void => {
      const at = sent.shift() ?? Number.NaN;
      if (isMeasuring) latencies.push(performance.now() - at);
      if (!isOver) again();
    };
    const backBytes = (count: number): void => {
      for (bytes += count; bytes >= frame.length; bytes -= frame.length) back();
    };
    const line =
      job.load === 'tcp'
        ? await openTcp(job.at.port, backBytes)
        : await openWebSocket(job.at, back);
    lines.push(line);
    for (let i = 0; i < job.inFlight; i++) again();
  }

  for (let i = 0; i < job.connections; i++) await add();
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
