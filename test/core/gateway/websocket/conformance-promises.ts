/**
 * What Tresen promises beyond the RFC (DESIGN.md 5), run alike over every adapter: order, one
 * write per loop turn, bounded buffers, slow readers closed and never skipped (G6), an orderly
 * end. And random frames, which must never hurt anybody else.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOCKET_LIMITS } from '#core/gateway/websocket/adapter.ts';
import { SOCKET_BUFFER_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import {
  closePayload,
  codeOf,
  frame,
  handshake,
  OPCODE,
  openRaw,
} from '#test/support/raw-websocket.ts';
import type { Adapter, Desk } from './conformance-desk.ts';
import { openDesk } from './conformance-desk.ts';
import { describeReaders } from './conformance-readers.ts';

/** Fewer than `ws` lets wait for a reader, so that it is the kernel that fills up. */
const PINGS = 50;
/** Pongs to pings that came in one read are written before anybody can judge. */
const SLACK = 512 * 1_024;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function describePromises(adapter: Adapter): void {
  describe(`promises: ${adapter.name}`, () => {
    let desk: Desk;
    beforeAll(async () => {
      desk = await openDesk(adapter);
    });
    afterAll(() => desk.stop());

    describe('sending', () => describeSending(() => desk));
    describe('slow readers', () => describeSlowReaders(() => desk));
    describe('any readers', () => describeReaders(adapter));
    describe('our close', () => describeOurClose(() => desk, adapter));
    describe('random frames', () => describeRandomFrames(() => desk));
  });
}

function describeSending(desk: () => Desk): void {
  it('delivers 1 000 sends of one turn in order, by one write', async () => {
    const { raw, socket } = await desk().connect();
    const before = desk().writes?.();
    for (let i = 0; i < 1_000; i++) socket.send(`message ${i}`);
    expect(desk().server.bufferedBytes()).toBeGreaterThan(1_000);
    for (let i = 0; i < 1_000; i++) {
      expect((await raw.next())?.payload.toString()).toBe(`message ${i}`);
    }
    if (before !== undefined) expect((desk().writes?.() ?? 0) - before).toBe(1);
    expect(desk().server.bufferedBytes()).toBe(0);
  });

  it('writes once per turn to each of many sockets', async () => {
    const all = [];
    for (let i = 0; i < 20; i++) all.push(await desk().connect());
    const before = desk().writes?.();
    for (let i = 0; i < 10; i++) for (const { socket } of all) socket.send(`${i}`);
    for (const { raw } of all) {
      for (let i = 0; i < 10; i++) expect((await raw.next())?.payload.toString()).toBe(`${i}`);
    }
    if (before !== undefined) expect((desk().writes?.() ?? 0) - before).toBe(all.length);
  });

  it('writes every length and what is no Unicode as the RFC wants it', async () => {
    const { raw, socket } = await desk().connect();
    for (const n of [0, 125, 126, 65_535, 65_536, 200_000]) {
      const text = 'ü'.repeat(n / 2) + 'x'.repeat(n % 2);
      socket.send(text);
      const payload = (await raw.next())?.payload;
      expect(payload?.length).toBe(n);
      expect(payload?.toString() === text).toBe(true);
    }
    socket.send('a\ud800b');
    expect((await raw.next())?.payload.toString()).toBe('a\ufffdb');
  });

  it('never refuses one message to a reader who has taken everything', async () => {
    const { raw, socket } = await desk().connect();
    const size = 4 * SOCKET_BUFFER_MAX_BYTES;
    socket.send('x'.repeat(size));
    expect((await raw.next())?.payload.length).toBe(size);
  });
}

function describeSlowReaders(desk: () => Desk): void {
  it('closes with 4008, bounded, nothing lost or reordered, others unaffected', async () => {
    const slow = await desk().connect();
    const other = await desk().connect();
    slow.raw.pause();
    let code: number | undefined;
    void slow.closed.then((c) => {
      code = c;
    });
    let sent = 0;
    let most = 0;
    while (code === undefined && sent < 5_000) {
      for (let i = 0; i < 10; i++) slow.socket.send(`${sent++} ${'x'.repeat(8_000)}`);
      most = Math.max(most, desk().server.bufferedBytes());
      other.raw.text(`${sent}`);
      expect((await other.raw.next())?.payload.toString()).toBe(`${sent}`);
      await turn();
    }
    expect(code).toBe(CLOSE.slow_reader_resume);
    expect(most).toBeLessThanOrEqual(SOCKET_BUFFER_MAX_BYTES);

    slow.raw.resume();
    const frames = await slow.raw.rest();
    expect(codeOf(frames.at(-1))).toBe(CLOSE.slow_reader_resume);
    const numbers = frames.slice(0, -1).map((f) => Number.parseInt(f.payload.toString(), 10));
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(numbers.length).toBeGreaterThan(sent - 11);
  });

  it('does not blame a reader for what was sent in one turn', async () => {
    const { raw, socket } = await desk().connect();
    for (let i = 0; i < 100; i++) socket.send(`${i} ${'x'.repeat(4_000)}`);
    for (let i = 0; i < 100; i++) {
      expect(Number.parseInt(`${(await raw.next())?.payload}`, 10)).toBe(i);
    }
  });

  it('closes who writes and never reads, and what he got is a prefix of his answers', async () => {
    const { raw, closed, messages } = await desk().connect();
    raw.pause();
    const filler = 'x'.repeat(20_000);
    let code: number | undefined;
    void closed.then((c) => {
      code = c;
    });
    let most = 0;
    for (let i = 0; i < 5_000 && code === undefined; i++) {
      raw.text(`${i} ${filler}`);
      await turn();
      most = Math.max(most, desk().server.bufferedBytes());
    }
    expect(code).toBe(CLOSE.slow_reader_resume);
    expect(most).toBeLessThanOrEqual(SOCKET_BUFFER_MAX_BYTES);
    raw.resume();
    const frames = await raw.rest();
    expect(codeOf(frames.pop())).toBe(CLOSE.slow_reader_resume);
    expect(frames.map((f) => f.payload.toString())).toEqual(messages.slice(0, frames.length));
    expect(messages.length - frames.length).toBeLessThan(SOCKET_BUFFER_MAX_BYTES / 20_000 + 1);
  });

  it('cuts off who asks for pongs and never reads', async () => {
    const { raw, closed } = await desk().connect();
    raw.pause();
    const pings = Buffer.concat(
      Array(PINGS).fill(frame({ opcode: OPCODE.ping, payload: 'x'.repeat(125) })),
    );
    let isOver = false;
    void closed.then(() => {
      isOver = true;
    });
    let most = 0;
    for (let i = 0; i < 5_000 && !isOver; i++) {
      raw.write(pings);
      await turn();
      most = Math.max(most, desk().server.bufferedBytes());
    }
    expect(isOver).toBe(true);
    expect(most).toBeLessThanOrEqual(SOCKET_BUFFER_MAX_BYTES + SLACK);
    await desk().expectAlive();
  });
}

function describeOurClose(desk: () => Desk, adapter: Adapter): void {
  it('sends what came before, then the code and the reason, then nothing', async () => {
    const { raw, socket, closed, messages } = await desk().connect();
    socket.send('before');
    socket.close(4001, 'heartbeat lost');
    socket.send('after');
    socket.close(4002, 'again');
    raw.text('too late');
    const frames = await raw.rest();
    expect(frames.map((f) => f.payload.toString('latin1'))).toEqual([
      'before',
      closePayload(4001, 'heartbeat lost').toString('latin1'),
    ]);
    expect(await closed).toBe(4001);
    expect(messages).toEqual([]);
    socket.send('long after');
    socket.close(4003, 'once more');
  });

  it('tells of its close after the call, without waiting for the peer', async () => {
    const { raw, socket, closed } = await desk().connect();
    raw.pause();
    let isTold = false;
    void closed.then(() => {
      isTold = true;
    });
    socket.close(CLOSE.heartbeat_lost, '');
    await Promise.resolve();
    expect(isTold).toBe(false);
    expect(await closed).toBe(CLOSE.heartbeat_lost);
  });

  it('closes the one whose message made a handler throw, and reports it', async () => {
    const { raw, closed } = await desk().connect();
    raw.text('bug');
    expect((await raw.rest()).map(codeOf)).toEqual([1011]);
    expect(await closed).toBe(1011);
    expect(desk().troubles.map(String)).toContain('Error: bug in onMessage');
    await desk().expectAlive();
  });

  it('does not wait for ever for a peer who never answers', async () => {
    const impatient = await openDesk(adapter, { ...SOCKET_LIMITS, closeWithinMs: 50 });
    const { raw, socket } = await impatient.connect();
    socket.close(CLOSE.heartbeat_lost, '');
    expect(codeOf(await raw.next())).toBe(CLOSE.heartbeat_lost);
    expect(await raw.next()).toBeUndefined();
    const silent = await impatient.connect();
    silent.raw.pause();
    await impatient.server.close();
    expect(await silent.closed).toBe(1001);
    await impatient.stop();
  });

  it('goes away with 1001 everywhere and accepts nobody more', async () => {
    const closing = await openDesk(adapter);
    const all = [];
    for (let i = 0; i < 10; i++) all.push(await closing.connect());
    for (const { socket } of all) socket.send('last words');
    const isGone = closing.server.close();
    for (const { raw, closed } of all) {
      const frames = await raw.rest();
      expect(frames.map((f) => codeOf(f) ?? f.payload.toString())).toEqual(['last words', 1001]);
      expect(await closed).toBe(1001);
    }
    await isGone;
    const late = await openRaw(closing.port, handshake('/socket'));
    expect(Number.isNaN(late.status) || late.status === 503).toBe(true);
    await closing.server.close();
    await closing.stop();
  });
}

const anyFrame = fc.record({
  fin: fc.boolean(),
  rsv: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 7 })),
  opcode: fc.oneof(fc.constantFrom(0, 1, 1, 8, 9, 10), fc.integer({ min: 0, max: 15 })),
  masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.boolean()),
  payload: fc
    .oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.uint8Array({ maxLength: 200 }))
    .map((p) => Buffer.from(p)),
});
const anyBytes = fc.oneof(
  { weight: 8, arbitrary: anyFrame.map(frame) },
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

function describeRandomFrames(desk: () => Desk): void {
  it('never hurt anybody else, and the sender is closed exactly once', async () => {
    const other = await desk().connect();
    let turns = 0;
    const property = async (pieces: Buffer[], isInOne: boolean, isPolite: boolean) => {
      const raw = await openRaw(desk().port, handshake('/socket'));
      const visit = desk().visit(desk().newest());
      if (isInOne) raw.write(Buffer.concat(pieces));
      else for (const piece of pieces) raw.write(piece);
      if (isPolite) raw.finish();
      else raw.vanish();
      await visit.closed;
      other.raw.text(`${turns}`);
      expect((await other.raw.next())?.payload.toString()).toBe(`${turns++}`);
      expect(visit.closes.length).toBe(1);
      raw.vanish();
    };
    const sequences = fc.array(anyBytes, { minLength: 1, maxLength: 12 });
    await fc.assert(fc.asyncProperty(sequences, fc.boolean(), fc.boolean(), property), {
      numRuns: 300,
      interruptAfterTimeLimit: 4_000,
    });
    expect(turns).toBeGreaterThan(50);
  }, 10_000);
}
