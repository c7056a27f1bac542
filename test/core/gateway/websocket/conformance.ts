/**
 * RFC 6455 and our own promises, run alike over every adapter: what an honest client relies on,
 * and that a dishonest one hurts nobody but itself. Relies on raw frames (`raw-websocket.ts`).
 * Where a library cannot do better the adapter says so in `differs`, and the suite pins that too.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FRAME_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import type { FrameToWrite } from '#test/support/raw-websocket.ts';
import {
  ACCEPT,
  closePayload,
  codeOf,
  frame,
  handshake,
  OPCODE,
  openRaw,
} from '#test/support/raw-websocket.ts';
import { describeCaseList } from './conformance-autobahn.ts';
import type { Adapter, Desk } from './conformance-desk.ts';
import { openDesk } from './conformance-desk.ts';

const text = (payload: Buffer | string, rest: FrameToWrite = {}) => frame({ payload, ...rest });

export function describeConformance(adapter: Adapter): void {
  describe(`RFC 6455: ${adapter.name}`, () => {
    let desk: Desk;
    beforeAll(async () => {
      desk = await openDesk(adapter);
    });
    afterAll(() => desk.stop());

    describe('handshake', () => describeHandshake(() => desk, adapter));
    describe('messages', () => describeMessages(() => desk));
    describe('faults', () => describeFaults(() => desk, adapter));
    describe('closing', () => describeClosing(() => desk));
    describe('case list', () => describeCaseList(() => desk, adapter));
  });
}

function describeHandshake(desk: () => Desk, adapter: Adapter): void {
  it('accepts, offers no extension and no subprotocol, tells the handler who it is', async () => {
    const offer = {
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Protocol': 'chat, superchat',
      Origin: 'https://shop.example',
      Cookie: 'a=1; b=2',
    };
    const raw = await openRaw(desk().port, handshake('/socket?x=1', offer));
    onTestFinished(raw.vanish);
    expect(raw.status).toBe(101);
    expect(raw.header('Sec-WebSocket-Accept')).toBe(ACCEPT);
    expect(raw.header('Sec-WebSocket-Extensions')).toBeUndefined();
    expect(raw.header('Sec-WebSocket-Protocol')).toBeUndefined();
    expect(desk().newest().upgrade).toEqual({
      path: '/socket',
      origin: 'https://shop.example',
      host: 'desk.example',
      cookie: 'a=1; b=2',
      address: '127.0.0.1',
    });
  });

  it('leaves out what the client did not say', async () => {
    const raw = await openRaw(desk().port, handshake('/socket'));
    onTestFinished(raw.vanish);
    expect(desk().newest().upgrade).toMatchObject({ origin: undefined, cookie: undefined });
  });

  it.each([
    ['missing key', 400, handshake('/socket', { 'Sec-WebSocket-Key': undefined })],
    ['short key', 400, handshake('/socket', { 'Sec-WebSocket-Key': 'c2hvcnQ=' })],
    ['other protocol', 400, handshake('/socket', { Upgrade: 'h2c' })],
    ['POST', 405, handshake('/socket', {}, 'POST')],
    ['missing version', 426, handshake('/socket', { 'Sec-WebSocket-Version': undefined })],
    ['version 8', 426, handshake('/socket', { 'Sec-WebSocket-Version': '8' })],
    ['unknown path', 404, handshake('/sockets')],
    ['foreign origin', 403, handshake('/socket', { Origin: 'https://evil.example' })],
    ['admit that throws', 500, handshake('/socket', { Origin: 'https://bug.example' })],
    ['malformed request', 400, 'GET /socket HTTP/1.1\r\nno colon here\r\n\r\n'],
  ])('refuses: %s → %i', async (_, status, request) => {
    const opened = desk().openedCount();
    const raw = await openRaw(desk().port, request);
    expect(raw.status).toBe(status);
    if (status === 426) expect(raw.header('Sec-WebSocket-Version')).toBe('13');
    await raw.rest();
    expect(desk().openedCount()).toBe(opened);
  });

  it('refuses a request that does not ask for an upgrade of its connection', async () => {
    const opened = desk().openedCount();
    const request = handshake('/socket', { Connection: 'keep-alive' });
    const raw = await openRaw(desk().port, request);
    onTestFinished(raw.vanish);
    expect([400, 404]).toContain(raw.status);
    expect(desk().openedCount()).toBe(opened);
  });

  /** A client has to wait for the answer (RFC 6455, 4.1); one that does not must lose no order. */
  it('reads frames that come with the handshake, in their order', async () => {
    const early = Buffer.concat([Buffer.from(handshake('/socket')), text('early')]);
    const raw = await openRaw(desk().port, early);
    onTestFinished(raw.vanish);
    expect(raw.status).toBe(101);
    raw.text('after');
    const isSkipped = adapter.differs.has('skips frames that come before its answer');
    if (!isSkipped) expect((await raw.next())?.payload.toString()).toBe('early');
    expect((await raw.next())?.payload.toString()).toBe('after');
  });

  it('survives noise that comes with the handshake', async () => {
    const noise = Buffer.concat([Buffer.from(handshake('/socket')), Buffer.alloc(99, 0xff)]);
    const raw = await openRaw(desk().port, noise);
    await desk().expectAlive();
    raw.vanish();
    await desk().expectAlive();
  });

  it('survives clients that leave in the middle of the handshake', async () => {
    for (const cut of [0, 5, 40, 90]) {
      const raw = openRaw(desk().port, handshake('/socket').slice(0, cut));
      const good = await desk().connect();
      good.raw.vanish();
      void raw;
    }
    await desk().expectAlive();
  });
}

function describeMessages(desk: () => Desk): void {
  it.each<[string, string]>([
    ['nothing', ''],
    ['text', 'Wo ist mein Paket?'],
    ['umlauts alone', 'Grüße aus Köln'],
    ['umlauts, emoji, a byte order mark, a null', '\ufeffGrüße 🚚 \u0000'],
  ])('echoes %s', async (_, payload) => {
    const { raw } = await desk().connect();
    raw.text(payload);
    const echo = await raw.next();
    expect(echo).toMatchObject({ fin: true, rsv: 0, opcode: OPCODE.text });
    expect(echo?.payload.toString()).toBe(payload);
  });

  it('puts fragments together, a character cut in two and pings in between', async () => {
    const { raw } = await desk().connect();
    const bytes = Buffer.from('Grüße');
    raw.write(text(bytes.subarray(0, 3), { fin: false }));
    raw.write(text('one', { opcode: OPCODE.ping }));
    raw.write(text('', { opcode: OPCODE.continuation, fin: false }));
    raw.write(text('two', { opcode: OPCODE.ping }));
    raw.write(text(bytes.subarray(3), { opcode: OPCODE.continuation }));
    const seen = [await raw.next(), await raw.next(), await raw.next()];
    expect(seen.map((f) => [f?.opcode, f?.payload.toString()])).toEqual([
      [OPCODE.pong, 'one'],
      [OPCODE.pong, 'two'],
      [OPCODE.text, 'Grüße'],
    ]);
  });

  it('reads a frame that comes byte by byte, and many that come at once', async () => {
    const { raw } = await desk().connect();
    for (const byte of text('x'.repeat(300))) {
      raw.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await raw.next())?.payload.length).toBe(300);
    raw.write(Buffer.concat(Array.from({ length: 500 }, (_, i) => text(`${i}`))));
    for (let i = 0; i < 500; i++) expect((await raw.next())?.payload.toString()).toBe(`${i}`);
  });
}

const over = 'x'.repeat(FRAME_MAX_BYTES / 2 + 1);
type Fault = [name: string, code: number, bytes: Buffer, found?: 'the adapter finds it'];
const faults: Fault[] = [
  [
    'one byte too many',
    CLOSE.frame_too_large,
    text('x'.repeat(FRAME_MAX_BYTES + 1)),
    'the adapter finds it',
  ],
  ['a gigabyte announced', CLOSE.frame_too_large, frame({ length: 2 ** 30, payload: 'x' })],
  ['2^62 bytes announced', CLOSE.frame_too_large, frame({ length: 2 ** 62, payload: 'x' })],
  [
    'fragments that are too much together',
    CLOSE.frame_too_large,
    Buffer.concat([text(over, { fin: false }), text(over, { opcode: OPCODE.continuation })]),
    'the adapter finds it',
  ],
];

function describeFaults(desk: () => Desk, adapter: Adapter): void {
  it.each(faults)('closes: %s → %i', async (_, code, bytes, found) => {
    const { raw, closed, messages } = await desk().connect();
    raw.write(bytes);
    const told = (await raw.rest()).map(codeOf);
    const mayBeCut = adapter.differs.has('cuts the line at a fault') && found === undefined;
    expect(told).toEqual(mayBeCut ? [] : [code]);
    expect(await closed).toBe(code);
    expect(messages).toEqual([]);
    await desk().expectAlive();
  });

  it('refuses unmasked frames', async () => {
    const { raw, closed, messages } = await desk().connect();
    raw.write(frame({ payload: 'hello unmasked', masked: false }));
    if (adapter.differs.has('reads unmasked frames as masked')) {
      raw.vanish();
      await closed;
    } else expect(await closed).toBe(1002);
    expect(messages).not.toContain('hello unmasked');
    await desk().expectAlive();
  });

  it('counts fragments', async () => {
    const { raw, closed } = await desk().connect();
    const empty = frame({ opcode: OPCODE.continuation, fin: false });
    raw.write(Buffer.concat([text('a', { fin: false }), ...Array(1_000).fill(empty)]));
    if (adapter.differs.has('does not count fragments')) {
      raw.write(frame({ opcode: OPCODE.continuation, payload: 'b' }));
      expect((await raw.next())?.payload.toString()).toBe('ab');
    } else expect(await closed).toBe(1008);
    await desk().expectAlive();
  });
}

function describeClosing(desk: () => Desk): void {
  it('says everything before it answers a close', async () => {
    const { raw } = await desk().connect();
    const close = frame({ opcode: OPCODE.close, payload: closePayload(1000) });
    raw.write(Buffer.concat([text('one'), text('two'), close, text('three')]));
    const said = (await raw.rest()).map((f) => codeOf(f) ?? f.payload.toString());
    expect(said).toEqual(['one', 'two', 1000]);
  });

  it.each(['finish', 'vanish'] as const)('tells 1006 when the peer leaves by %s', async (how) => {
    const { raw, closed } = await desk().connect();
    raw[how]();
    expect(await closed).toBe(1006);
  });
}
