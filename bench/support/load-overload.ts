/**
 * Open loop in phases: messages leave at their planned moments whether or not the server keeps up,
 * and are timed from being written; what waits in a full socket waits on this clock. How late the
 * generator itself was is told beside it. Every message is followed to its ack or its refusal;
 * what gets neither is silent.
 */
import type { LoadResult, OverloadJob, PhaseFigures, WindowMarks } from './jobs.ts';
import { durableText, numberedId, setScene, verdictOf } from './load-durable.ts';
import { sleep, within } from './pace.ts';
import { spread } from './percentile.ts';
import { commandText } from './person.ts';
import { frameBytes, headerBytes, overwrite, textFrame } from './web-socket-frames.ts';

type Phase = OverloadJob['phases'][number];
type Track = {
  from: number;
  first: number;
  offered: number;
  acks: number[];
  refusals: number[];
  lates: number[];
  seconds: number[][];
};

const TICK_MS = 1;
const REST_MS = 20_000;

export async function loadOverload(job: OverloadJob, marks: WindowMarks): Promise<LoadResult> {
  const { pairs, agents } = await setScene(job);
  const text = durableText(job.textLength);
  const writtenAt: number[] = [];
  const tracks: Track[] = [];
  let answered = 0;

  const writers = pairs.map(({ contact, conversation }) => {
    contact.listen(onFrame);
    const write = createFrameWriter((id) =>
      commandText(id, { type: 'message.send', conversation, text }),
    );
    return (numbers: number[]) => contact.sendBytes(write(numbers));
  });
  for (const agent of agents) agent.listen(() => {});

  function onFrame(payload: Buffer): void {
    const verdict = verdictOf(payload);
    if (verdict === undefined) return;
    const { isAck, number } = verdict;
    const at = writtenAt[number];
    const track = tracks.findLast((each) => each.first <= number);
    if (at === undefined || track === undefined) throw new Error(`answer to ${number}?`);
    answered++;
    const ms = performance.now() - at;
    (isAck ? track.acks : track.refusals).push(ms);
    if (!isAck) return;
    const second = Math.floor((at - track.from) / 1_000);
    track.seconds[second] ??= [];
    track.seconds[second].push(ms);
  }

  async function perform(phase: Phase): Promise<void> {
    const track = newTrack(performance.now(), writtenAt.length);
    tracks.push(track);
    const last = Math.floor((phase.perSecond * phase.ms) / 1_000);
    while (track.offered < last) {
      const now = performance.now();
      const due = Math.min(last, Math.floor(((now - track.from) * phase.perSecond) / 1_000));
      const shares: number[][] = writers.map(() => []);
      for (; track.offered < due; track.offered++) {
        const number = writtenAt.push(now) - 1;
        shares[number % shares.length]?.push(number);
        track.lates.push(now - track.from - (track.offered * 1_000) / phase.perSecond);
      }
      for (const [i, numbers] of shares.entries()) if (numbers.length > 0) writers[i]?.(numbers);
      await sleep(TICK_MS);
    }
  }

  marks.start();
  const started = performance.now();
  for (const phase of job.phases) await perform(phase);
  const seconds = (performance.now() - started) / 1_000;
  marks.end();
  await within(REST_MS, () => answered >= writtenAt.length);
  for (const { contact } of pairs) contact.close();
  for (const agent of agents) agent.close();
  const phases = job.phases.map((phase, i) => figuresOf(phase, tracks[i] as Track));
  return {
    perSecond: writtenAt.length / seconds,
    ack: spread(tracks.flatMap((track) => track.acks)),
    delivered: spread([]),
    refused: phases.reduce((sum, phase) => sum + phase.refused, 0),
    missing: writtenAt.length - answered,
    late: spread(tracks.flatMap((track) => track.lates)),
    phases,
  };
}

const newTrack = (from: number, first: number): Track => ({
  from,
  first,
  offered: 0,
  acks: [],
  refusals: [],
  lates: [],
  seconds: [],
});

function figuresOf(phase: Phase, track: Track): PhaseFigures {
  const { offered, acks, refusals } = track;
  const count = Math.ceil(phase.ms / 1_000);
  return {
    name: phase.name,
    seconds: phase.ms / 1_000,
    offered,
    acked: acks.length,
    refused: refusals.length,
    silent: offered - acks.length - refusals.length,
    ack: spread(acks),
    refusal: spread(refusals),
    late: spread(track.lates),
    p99PerSecond: Array.from({ length: count }, (_, i) => spread(track.seconds[i] ?? []).p99),
  };
}

/**
 * Frames that differ in their id only, many in one buffer: making and masking each anew would cost
 * the generator more than the server has for all of it.
 */
function createFrameWriter(command: (id: string) => string): (numbers: number[]) => Buffer {
  const template = numberedId(0);
  const payload = command(template);
  const at = payload.indexOf(template);
  const frame = textFrame(payload);
  const size = frameBytes(Buffer.byteLength(payload));
  const start = headerBytes(Buffer.byteLength(payload));
  return (numbers) => {
    const frames = Buffer.allocUnsafe(size * numbers.length);
    for (const [i, number] of numbers.entries()) {
      frame.copy(frames, i * size);
      overwrite(frames, i * size + start, at, numberedId(number));
    }
    return frames;
  };
}
