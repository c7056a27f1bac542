/**
 * Plays the case lists against an adapter: writes the frames as the case wants them chopped, and
 * compares everything that came back, the code that the handler was told, and that the process
 * still serves others. Knows no case by name.
 */
import { describe, expect, it } from 'vitest';
import { FRAGMENTS_MAX, FRAME_MAX_BYTES } from '#core/platform/limits.ts';
import {
  closePayload,
  codeOf,
  frame,
  handshake,
  OPCODE,
  openRaw,
  type RawWebSocket,
} from '#test/support/raw-websocket.ts';
import { CASES, type Case, inFragments, spell } from './conformance-cases.ts';
import type { Adapter, Desk } from './conformance-desk.ts';
import { UTF8_CASES } from './conformance-utf8.ts';

/** What a close frame without a code is called (RFC 6455, 7.1.5). */
const NO_CODE = 1005;

/** Far more than a case needs: a fault that nobody notices shall not hold up all the others. */
const CASE_WITHIN_MS = 10_000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Offers of the sections 12 and 13, and two that no server has to understand. */
const COMPRESSION = [
  'permessage-deflate',
  'permessage-deflate; client_no_context_takeover',
  'permessage-deflate; client_max_window_bits; server_max_window_bits=9',
  'permessage-deflate; client_max_window_bits; server_max_window_bits=15',
  'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
  'permessage-deflate; server_no_context_takeover, permessage-deflate',
  'x-webkit-deflate-frame',
  'permessage-deflate;; =9, "',
];

export function describeCaseList(desk: () => Desk, adapter: Adapter): void {
  it.each(CASES)('$name → $end', (c) => play(desk(), adapter, c), CASE_WITHIN_MS);
  it.each(UTF8_CASES)('$name → $end', (c) => play(desk(), adapter, c), CASE_WITHIN_MS);
  describe('9.3 many fragments', () => describeManyFragments(desk, adapter));
  describe('9.7 one after the other', () => describeRoundTrips(desk));
  describe('12 and 13 compression', () => describeNoCompression(desk, adapter));
}

async function play(desk: Desk, adapter: Adapter, c: Case): Promise<void> {
  const { raw, closed, messages } = await desk.connect();
  await write(raw, c);
  if (c.end === 'alive') raw.write(frame({ opcode: OPCODE.close, payload: closePayload(1000) }));
  const frames = await raw.rest();
  const replies = frames.filter((f) => f.opcode !== OPCODE.close).map(spell);
  const { told, heard, isFault } = endOf(c, adapter);

  const mayLose = isFault && adapter.differs.has('loses its last answers at a fault');
  expect(mayLose && replies.length === 0 ? c.replies : replies).toEqual(c.replies);
  const codes = frames.filter((f) => f.opcode === OPCODE.close).map((f) => codeOf(f) ?? NO_CODE);
  expect(codes).toEqual(told);
  expect(frames.every((f) => f.fin && f.rsv === 0)).toBe(true);
  expect(await closed).toBe(heard);
  expect(messages.length).toBe(c.replies.filter((reply) => reply.startsWith('text ')).length);
  await desk.expectAlive();
}

/** What the client is told by a close frame, if by any, and what the handler hears. */
function endOf(c: Case, { differs }: Adapter) {
  if (c.oddClose !== undefined && differs.has('answers a wrong close without a code')) {
    return { told: [NO_CODE], heard: c.oddClose, isFault: false };
  }
  const isFault = c.end !== 'alive' && !c.isPeersClose;
  const isCut = isFault && c.found === undefined && differs.has('cuts the line at a fault');
  const heard = c.end === 'alive' ? 1000 : c.end;
  return { told: isCut ? [] : [heard], heard, isFault };
}

async function write(raw: RawWebSocket, c: Case): Promise<void> {
  const whole = Buffer.concat(c.frames);
  if (c.chop === undefined) raw.write(whole);
  else if (c.chop === 'frame by frame') {
    for (const bytes of c.frames) {
      raw.write(bytes);
      await turn();
    }
  } else {
    for (let at = 0; at < whole.length; at += c.chop) {
      raw.write(whole.subarray(at, at + c.chop));
      await turn();
    }
  }
}

/** Ours and not the RFC's: an endless row of fragments would be kept in memory one by one. */
function describeManyFragments(desk: () => Desk, adapter: Adapter): void {
  const payload = '*'.repeat(FRAME_MAX_BYTES);
  it.each([64, 256])('64 KiB in fragments of %i', async (size) => {
    const { raw, closed } = await desk().connect();
    const fragments = inFragments(payload, size);
    expect(fragments.length).toBeGreaterThan(FRAGMENTS_MAX);
    raw.write(Buffer.concat(fragments));
    if (adapter.differs.has('does not count fragments')) {
      expect((await raw.next())?.payload.toString() === payload).toBe(true);
    } else expect(await closed).toBe(1008);
    await desk().expectAlive();
  });
}

function describeRoundTrips(desk: () => Desk): void {
  const COUNT = 500;
  it.each([0, 16, 64, 256, 1_024, 4_096])(`${COUNT} echoes of %i bytes`, async (size) => {
    const { raw } = await desk().connect();
    const payload = '*'.repeat(size);
    for (let i = 0; i < COUNT; i++) {
      raw.text(payload);
      expect((await raw.next())?.payload.toString()).toBe(payload);
    }
  });
}

function describeNoCompression(desk: () => Desk, adapter: Adapter): void {
  it.each(COMPRESSION)('is not agreed to and not read: %s', async (offer) => {
    const headers = { 'Sec-WebSocket-Extensions': offer };
    const raw = await openRaw(desk().port, handshake('/socket', headers));
    const visit = desk().visit(desk().newest());
    expect(raw.status).toBe(101);
    expect(raw.header('Sec-WebSocket-Extensions')).toBeUndefined();

    const long = 'the same '.repeat(1_000);
    raw.text(long);
    const plain = await raw.next();
    expect([plain?.rsv, plain?.payload.toString()]).toEqual([0, long]);

    const helloDeflated = Buffer.from('f248cdc9c90700', 'hex');
    raw.write(frame({ rsv: 4, payload: helloDeflated }));
    const told = (await raw.rest()).map(codeOf);
    expect(told).toEqual(adapter.differs.has('cuts the line at a fault') ? [] : [1002]);
    expect(await visit.closed).toBe(1002);
    expect(visit.messages).toEqual([long]);
  });
}
