/**
 * G6 as a property: whatever is sent to whom, however readers pause and whatever the limit, each
 * has a prefix of what was sent, whole and in order, and then either everything or the code that
 * tells him to resume. Never a gap, which is what `publish` of uWebSockets.js would leave.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SOCKET_LIMITS } from '#core/gateway/websocket/adapter.ts';
import { SOCKET_BUFFER_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { codeOf } from '#test/support/raw-websocket.ts';
import type { Adapter } from './conformance-desk.ts';
import { openDesk } from './conformance-desk.ts';

const RUNS = 80;
const READERS_MAX = 3;
const TEXT_MAX = 60_000;
/** What a frame needs beside its text, at most. */
const HEADER = 10;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The kernel takes some megabytes for a reader who pauses: only floods get past it. */
const anyStep = fc.record({
  reader: fc.nat({ max: READERS_MAX - 1 }),
  does: fc.constantFrom('pauses', 'pauses', 'reads', 'goes on' as const),
  count: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 10 }) }, fc.integer({ min: 40, max: 120 })),
  size: fc.oneof(fc.nat({ max: 2_000 }), fc.nat({ max: TEXT_MAX }), fc.constant(TEXT_MAX)),
  /** One at least: who is closed is told at the end of the turn. */
  turns: fc.integer({ min: 1, max: 3 }),
});
const anyStory = fc.record({
  limit: fc.oneof(
    fc.integer({ min: 100, max: SOCKET_BUFFER_MAX_BYTES }),
    fc.constant(SOCKET_BUFFER_MAX_BYTES),
  ),
  readers: fc.integer({ min: 1, max: READERS_MAX }),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 16 }),
});
type Story = typeof anyStory extends fc.Arbitrary<infer T> ? T : never;

export function describeReaders(adapter: Adapter): void {
  it('have an exact prefix and then 4008, or everything (G6)', async () => {
    const ends = { slow: 0, complete: 0 };
    const property = async (story: Story) => {
      for (const code of await tell(adapter, story)) {
        ends[code === CLOSE.slow_reader_resume ? 'slow' : 'complete'] += 1;
      }
    };
    await fc.assert(fc.asyncProperty(anyStory, property), { numRuns: RUNS });
    expect(ends.slow).toBeGreaterThan(0);
    expect(ends.complete).toBeGreaterThan(0);
  }, 60_000);
}

/** Plays one story and gives the code that each reader was closed with. */
async function tell(adapter: Adapter, { limit, readers, steps }: Story): Promise<number[]> {
  const desk = await openDesk(adapter, { ...SOCKET_LIMITS, bufferMaxBytes: limit });
  const all = [];
  for (let i = 0; i < readers; i++) {
    const { raw, socket } = await desk.connect();
    all.push({ raw, socket, closes: desk.visit(socket).closes, sureOf: 0 });
  }
  const sizes: number[] = [];
  let most = 0;

  for (const { reader, does, count, size, turns } of steps) {
    const { raw } = all[reader % readers] ?? expect.fail('at least one reads');
    if (does === 'pauses') raw.pause();
    else if (does === 'reads') raw.resume();
    for (const one of all) if (one.closes.length === 0) one.sureOf = sizes.length;
    for (let i = 0; i < count; i++) {
      const text = textOf(sizes.length, size);
      sizes.push(size);
      for (const { socket } of all) socket.send(text);
      most = Math.max(most, desk.server.bufferedBytes());
    }
    for (let i = 0; i < turns; i++) await turn();
  }
  /** One message above the limit may always wait, or he who must have it would never get it. */
  const largest = Math.max(limit, ...sizes.map((size, i) => textOf(i, size).length + HEADER));
  expect(most).toBeLessThanOrEqual(readers * largest);

  const codes = [];
  for (const { raw, socket, sureOf } of all) {
    raw.resume();
    socket.close(1000, 'told');
    const frames = await raw.rest();
    const code = codeOf(frames.pop());
    const wrong = frames.findIndex((f, i) => f.payload.toString() !== textOf(i, sizes[i] ?? -1));
    expect(wrong).toBe(-1);
    if (code === CLOSE.slow_reader_resume) expect(frames.length).toBeGreaterThanOrEqual(sureOf);
    else expect([code, frames.length]).toEqual([1000, sizes.length]);
    codes.push(code ?? 0);
  }
  await desk.stop();
  return codes;
}

const textOf = (i: number, size: number): string => `${i} ${'x'.repeat(Math.max(size, 0))}`;
