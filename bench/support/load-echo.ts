/** The yardsticks' load: frames of one size that come straight back, closed loop. */
import { closedLoop } from './closed-loop.ts';
import type { EchoJob, LoadResult, WindowMarks } from './jobs.ts';
import { openTcp, openWebSocket } from './line.ts';
import { textFrame } from './web-socket-frames.ts';

export function loadEcho(job: EchoJob, marks: WindowMarks): Promise<LoadResult> {
  const frame = textFrame('x'.repeat(job.size));
  return closedLoop(job, marks, async (_index, answered) => {
    let bytes = 0;
    const onBytes = (chunk: Buffer): void => {
      for (bytes += chunk.length; bytes >= frame.length; bytes -= frame.length) answered();
    };
    const { sendBytes, close } =
      job.load === 'tcp'
        ? await openTcp(job.at.port, onBytes)
        : await openWebSocket(job.at, answered);
    return { send: () => sendBytes(frame), close };
  });
}
