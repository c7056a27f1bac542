/**
 * Open loop in phases: messages come up at their planned moments whether or not the server keeps
 * up. They leave as they leave our own clients: at most so many unanswered per connection, and a
 * connection that hears "busy" waits as long as it is told; the rest waits at the client and is
 * dropped at the end of the phase. Every message that left is timed from being written and
 * followed to its ack or its refusal; what gets neither is silent.
 */
import { IN_FLIGHT_MAX } from '../../web/shared/outbox.ts';
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
  /** Messages that came up, and those of them that left the client. */
  offered: number;
  written: number;
  acks: number[];
  refusals: number[];
  lates: number[];
  seconds: number[][];
};

/** A contact's end of the line: what came up and has not left, and what is unanswered. */
type Writer = {
  send(numbers: number[]): void;
  planned: number;
  underWay: number;
  pausedUntil: number;
};

const TICK_MS = 1;
const REST_MS = 20_000;

export async function loadOverload(job: OverloadJob, marks: WindowMarks): Promise<LoadResult> {
  const { pairs, agents } = await setScene(job);
  const text = durableText(job.textLength);
  const writtenAt: number[] = [];
  const writerOf: Writer[] = [];
  const tracks: Track[] = [];
  let answered = 0;

  const writers = pairs.map(({ contact, conversation }): Writer => {
    contact.listen(onFrame);
    const frames = createFrameWriter((id) =>
      commandText(id, { type: 'message.send', conversation, text }),
    );
    const send = (numbers: number[]) => contact.sendBytes(frames(numbers));
    return { send, planned: 0, underWay: 0, pausedUntil: 0 };
  });
  for (const agent of agents) agent.listen(() => {});

  function onFrame(payload: Buffer): void {
    const verdict = verdictOf(payload);
    if (verdict === undefined) return;
    const { isAck, number } = verdict;
    const at = writtenAt[number];
    const writer = writerOf[number];
    const track = tracks.findLast((each) => each.first <= number);
    if (at === undefined || track === undefined || writer === undefined) {
      throw new Error(`answer to ${number}?`);
    }
    const now = performance.now();
    answered++;
    writer.underWay--;
    (isAck ? track.acks : track.refusals).push(now - at);
    if (!isAck) {
      writer.pausedUntil = now + retryAfterMs(payload);
      return;
    }
    const second = Math.floor((at - track.from) / 1_000);
    track.seconds[second] ??= [];
    track.seconds[second].push(now - at);
  }

  function release(writer: Writer, track: Track): void {
    const now = performance.now();
    if (now < writer.pausedUntil) return;
    const count = Math.min(writer.planned, IN_FLIGHT_MAX - writer.underWay);
    if (count <= 0) return;
    const numbers = Array.from({ length: count }, () => writtenAt.push(now) - 1);
    for (const number of numbers) writerOf[number] = writer;
    writer.planned -= count;
    writer.underWay += count;
    track.written += count;
    writer.send(numbers);
  }

  async function perform(phase: Phase): Promise<void> {
    const track = newTrack(performance.now(), writtenAt.length);
    tracks.push(track);
    const last = Math.floor((phase.perSecond * phase.ms) / 1_000);
    for (const writer of writers) writer.planned = 0;
    while (track.offered < last) {
      const now = performance.now();
      const due = Math.min(last, Math.floor(((now - track.from) * phase.perSecond) / 1_000));
      track.lates.push(now - track.from - (track.offered * 1_000) / phase.perSecond);
      for (; track.offered < due; track.offered++) {
        const writer = writers[track.offered % writers.length];
        if (writer) writer.planned++;
      }
      for (const writer of writers) release(writer, track);
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

/** As the server asks; a refusal without advice is tried again after a second, too. */
const retryAfterMs = (payload: Buffer): number =>
  (JSON.parse(payload.toString()) as { retryAfterMs?: number }).retryAfterMs ?? 1_000;

const newTrack = (from: number, first: number): Track => ({
  from,
  first,
  offered: 0,
  written: 0,
  acks: [],
  refusals: [],
  lates: [],
  seconds: [],
});

function figuresOf(phase: Phase, track: Track): PhaseFigures {
  const { offered, written, acks, refusals } = track;
  const count = Math.ceil(phase.ms / 1_000);
  return {
    name: phase.name,
    seconds: phase.ms / 1_000,
    offered,
    written,
    acked: acks.length,
    refused: refusals.length,
    silent: written - acks.length - refusals.length,
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
