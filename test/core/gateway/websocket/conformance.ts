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

    describe('handshake', () => describeHandshake(() => desk));
    describe('messages', () => describeMessages(() => desk));
    describe('faults', () => describeFaults(() => desk, adapter));
    describe('closing', () => describeClosing(() => desk));
  });
}

function describeHandshake(desk: () => Desk): void {
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

  it('survives frames that come with the handshake', async () => {
    const raw = await openRaw(desk().port, `${handshake('/socket')}${text('early')}`);
    raw.text('after');
    expect(raw.status).toBe(101);
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
    ...[125, 126, 65_535, FRAME_MAX_BYTES].map((n): [string, string] => [
      `${n} bytes`,
      'x'.repeat(n),
    ]),
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

  it('answers a ping with its payload and ignores a pong', async () => {
    const { raw } = await desk().connect();
    raw.write(text('unasked', { opcode: OPCODE.pong }));
    raw.write(text('x'.repeat(125), { opcode: OPCODE.ping }));
    const pong = await raw.next();
    expect([pong?.opcode, pong?.payload.length]).toEqual([OPCODE.pong, 125]);
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
  [
    'binary',
    CLOSE.frame_malformed,
    frame({ opcode: OPCODE.binary, payload: 'x' }),
    'the adapter finds it',
  ],
  ['continuation of nothing', 1002, frame({ opcode: OPCODE.continuation, payload: 'x' })],
  ['text within fragments', 1002, Buffer.concat([text('a', { fin: false }), text('b')])],
  ['fragmented ping', 1002, frame({ opcode: OPCODE.ping, fin: false })],
  ['ping of 126 bytes', 1002, frame({ opcode: OPCODE.ping, payload: 'x'.repeat(126) })],
  ...[1, 2, 4].map((rsv): Fault => [`reserved bit ${rsv}`, 1002, frame({ rsv })]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode): Fault => [`opcode ${opcode}`, 1002, frame({ opcode })],
  ),
  ...['c328', 'c0af', 'eda080', 'f5808080', 'e282', 'ff'].map(
    (hex): Fault => [`bytes ${hex}`, 1007, text(Buffer.from(hex, 'hex'))],
  ),
  [
    'half a character in the last fragment',
    1007,
    Buffer.concat([text('ok', { fin: false }), text(Buffer.of(0xe2, 0x82), { opcode: 0 })]),
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
  it.each([1000, 1001, 1011, 4000, 4999])('answers close %i and tells it', async (code) => {
    const { raw, closed } = await desk().connect();
    raw.write(frame({ opcode: OPCODE.close, payload: closePayload(code, 'bye') }));
    expect((await raw.rest()).map(codeOf)).toEqual([code]);
    expect(await closed).toBe(code);
  });

  it('answers a close without a code', async () => {
    const { raw, closed } = await desk().connect();
    raw.write(frame({ opcode: OPCODE.close }));
    expect((await raw.rest()).map((f) => [f.opcode, f.payload.length])).toEqual([[8, 0]]);
    expect(await closed).toBe(1005);
  });

  it.each<[string, Buffer]>([
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code): [string, Buffer] => [
      `code ${code}`,
      closePayload(code),
    ]),
    ['half a code', Buffer.of(3)],
    ['a reason that is not UTF-8', closePayload(1000, Buffer.of(0xff))],
  ])('ends with an invalid close: %s', async (_, payload) => {
    const { raw, closed } = await desk().connect();
    raw.write(frame({ opcode: OPCODE.close, payload }));
    await raw.rest();
    expect([1002, 1005, 1007]).toContain(await closed);
    await desk().expectAlive();
  });

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
