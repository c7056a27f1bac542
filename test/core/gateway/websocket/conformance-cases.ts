/**
 * RFC 6455 as data: what a client writes and what must come back. The numbers are those of the
 * case list of Autobahn's fuzzing client, so that a gap is easy to see. Left out: 7.1.6 and 9.9.1,
 * which Autobahn itself does not judge. Sizes end at our own limit, and binary is refused.
 */
import { FRAGMENTS_MAX, FRAME_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { closePayload, type FrameToWrite, frame, OPCODE } from '#test/support/raw-websocket.ts';

export type Case = {
  name: string;
  frames: Buffer[];
  /** Bytes per write; without it everything goes out in one write. */
  chop?: number | 'frame by frame';
  /** As `spell` writes them, without the close frame at the end. */
  replies: string[];
  /** The code of the end; 'alive' when the connection must still be good for a clean close. */
  end: number | 'alive';
  /** Found in our own code, so the client hears the code whatever the library does. */
  found?: 'the adapter finds it';
  /** The client closes, and `end` is its own code. */
  isPeersClose?: boolean;
  /**
   * A close that uWebSockets.js answers without a code, as it does for what is wrong and for 1012
   * to 3999; here the code that the handler hears then.
   */
  oddClose?: number;
};

const NAMES: Record<number, string> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

export const spell = (f: { opcode: number; payload: Buffer }): string =>
  `${NAMES[f.opcode] ?? f.opcode} ${f.payload.toString('latin1')}`;

const PROTOCOL_ERROR = 1002;
const HELLO = 'Hello, world!';
const BYTES = Buffer.from('00fffefdfcfb00ff', 'hex');
const text = (payload: Buffer | string, rest: FrameToWrite = {}) => frame({ payload, ...rest });
const start = (payload: string) => text(payload, { fin: false });
const more = (payload: string) => text(payload, { fin: false, opcode: OPCODE.continuation });
const last = (payload: string) => text(payload, { opcode: OPCODE.continuation });
const ping = (payload: Buffer | string = '', rest: FrameToWrite = {}) =>
  frame({ payload, opcode: OPCODE.ping, ...rest });
const pong = (payload = '', rest: FrameToWrite = {}) =>
  frame({ payload, opcode: OPCODE.pong, ...rest });
const close = (payload: Buffer = closePayload(1000), rest: FrameToWrite = {}) =>
  frame({ payload, opcode: OPCODE.close, ...rest });

const STARS = (n: number) => '*'.repeat(n);
const good = (name: string, frames: Buffer[], replies: string[], chop?: Case['chop']): Case => ({
  name,
  frames,
  replies,
  end: 'alive',
  ...(chop !== undefined && { chop }),
});
const bad = (
  name: string,
  frames: Buffer[],
  chop?: Case['chop'],
  replies: string[] = [],
  end: number = PROTOCOL_ERROR,
): Case => ({ name, frames, replies, end, ...(chop !== undefined && { chop }) });

const refused = (name: string, frames: Buffer[], end: number): Case => ({
  ...bad(name, frames, undefined, [], end),
  found: 'the adapter finds it',
});

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];

const framing: Case[] = [
  ...SIZES.map((n, i) =>
    good(
      `1.1.${i + 1} text of ${n} bytes`,
      [text(STARS(n))],
      [`text ${STARS(n)}`],
      i === 7 ? 997 : undefined,
    ),
  ),
  ...SIZES.map((n, i) => ({
    ...refused(
      `1.2.${i + 1} binary of ${n} bytes`,
      [frame({ opcode: OPCODE.binary, payload: Buffer.alloc(n, 0xfe) })],
      CLOSE.frame_malformed,
    ),
    ...(i === 7 && { chop: 997 }),
  })),
];

const fe = Buffer.alloc(125, 0xfe);
const tenPings = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

const pingsAndPongs: Case[] = [
  good('2.1 ping without payload', [ping()], ['pong ']),
  good('2.2 ping with text', [ping(HELLO)], [`pong ${HELLO}`]),
  good('2.3 ping with bytes', [ping(BYTES)], [`pong ${BYTES.toString('latin1')}`]),
  good('2.4 ping of 125 bytes', [ping(fe)], [`pong ${fe.toString('latin1')}`]),
  bad('2.5 ping of 126 bytes', [ping(Buffer.alloc(126, 0xfe))]),
  good('2.6 ping byte by byte', [ping(fe)], [`pong ${fe.toString('latin1')}`], 1),
  good('2.7 pong nobody asked for', [pong()], []),
  good('2.8 the same with payload', [pong('unsolicited')], []),
  good('2.9 and a ping behind it', [pong('unsolicited'), ping(HELLO)], [`pong ${HELLO}`]),
  good(
    '2.10 ten pings',
    tenPings.map((p) => ping(p)),
    tenPings.map((p) => `pong ${p}`),
  ),
  good(
    '2.11 ten pings byte by byte',
    tenPings.map((p) => ping(p)),
    tenPings.map((p) => `pong ${p}`),
    1,
  ),
];

const echoed = [`text ${HELLO}`];
const reservedBits: Case[] = [
  bad('3.1 text with RSV 1', [text(HELLO, { rsv: 1 })]),
  bad('3.2 RSV 2 behind a good text', [text(HELLO), text(HELLO, { rsv: 2 }), ping()], 1e9, echoed),
  bad('3.3 RSV 3', [text(HELLO), text(HELLO, { rsv: 3 }), ping()], 'frame by frame', echoed),
  bad('3.4 RSV 4 byte by byte', [text(HELLO), text(HELLO, { rsv: 4 }), ping()], 1, echoed),
  bad('3.5 binary with RSV 5', [frame({ opcode: OPCODE.binary, payload: BYTES, rsv: 5 })]),
  bad('3.6 ping with RSV 6', [ping(HELLO, { rsv: 6 })]),
  bad('3.7 close with RSV 7', [close(Buffer.alloc(0), { rsv: 7 })]),
];

/** Five for data (3 to 7) and five for control (11 to 15). */
const reservedOpcodes: Case[] = [3, 11].flatMap((first, i) => [
  bad(`4.${i + 1}.1 opcode ${first}`, [frame({ opcode: first })]),
  bad(`4.${i + 1}.2 opcode ${first + 1} with payload`, [text(HELLO, { opcode: first + 1 })]),
  bad(
    `4.${i + 1}.3 opcode ${first + 2} behind a good text`,
    [text(HELLO), frame({ opcode: first + 2 }), ping()],
    'frame by frame',
    echoed,
  ),
  bad(
    `4.${i + 1}.4 opcode ${first + 3} with payload behind a good text`,
    [text(HELLO), text(HELLO, { opcode: first + 3 }), ping()],
    'frame by frame',
    echoed,
  ),
  bad(
    `4.${i + 1}.5 opcode ${first + 4} byte by byte`,
    [text(HELLO), text(HELLO, { opcode: first + 4 }), ping()],
    1,
    echoed,
  ),
]);

/** The same frames in one write, one write each, and byte by byte: the RFC knows no difference. */
const threeWays = (numbers: string[], name: string, make: (chop?: Case['chop']) => Case): Case[] =>
  ([undefined, 'frame by frame', 1] as const).map((chop, i) => ({
    ...make(chop),
    name: `${numbers[i]} ${name}, ${chop === 1 ? 'byte by byte' : (chop ?? 'in one write')}`,
  }));

const five = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5'] as const;
const two = [start('fragment1'), last('fragment2')];
const joined = 'text fragment1fragment2';
const withPings = [
  start(five[0]),
  more(five[1]),
  ping('pongme 1!'),
  more(five[2]),
  more(five[3]),
  ping('pongme 2!'),
  last(five[4]),
];
const nothingToContinue = (frames: Buffer[]) => (chop?: Case['chop']) => bad('', frames, chop);

const fragmentation: Case[] = [
  bad('5.1 ping in two fragments', [ping('fragment1', { fin: false }), last('fragment2')]),
  bad('5.2 pong in two fragments', [pong('fragment1', { fin: false }), last('fragment2')]),
  ...threeWays(['5.3', '5.4', '5.5'], 'text in two fragments', (c) => good('', two, [joined], c)),
  ...threeWays(['5.6', '5.7', '5.8'], 'a ping between two fragments', (chop) =>
    good('', [start('fragment1'), ping('ping'), last('fragment2')], ['pong ping', joined], chop),
  ),
  ...threeWays(
    ['5.9', '5.10', '5.11'],
    'a last fragment of nothing',
    nothingToContinue([last('nothing'), text(HELLO)]),
  ),
  ...threeWays(
    ['5.12', '5.13', '5.14'],
    'a fragment of nothing',
    nothingToContinue([more('nothing'), text(HELLO)]),
  ),
  bad(
    '5.15 a fragment of nothing behind a good text',
    [...two, more('fragment3'), text('fragment4')],
    'frame by frame',
    [joined],
  ),
  bad('5.16 a fragment before the first one, twice', [
    ...[more('fragment1'), start('fragment2'), last('fragment3')],
    ...[more('fragment1'), start('fragment2'), last('fragment3')],
  ]),
  bad('5.17 a last fragment before the first one, twice', [
    ...[last('fragment1'), start('fragment2'), last('fragment3')],
    ...[last('fragment1'), start('fragment2'), last('fragment3')],
  ]),
  bad('5.18 two fragments that both say text', [start('fragment1'), text('fragment2')]),
  good('5.19 five fragments and two pings', withPings, [
    ...['pong pongme 1!', 'pong pongme 2!'],
    `text ${five.join('')}`,
  ]),
  good(
    '5.20 the same frame by frame',
    withPings,
    ['pong pongme 1!', 'pong pongme 2!', `text ${five.join('')}`],
    'frame by frame',
  ),
];

const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const bye = (name: string, frames: Buffer[], end: number, replies: string[] = []): Case => ({
  ...bad(name, frames, undefined, replies, end),
  isPeersClose: true,
});
const odd = (name: string, payload: Buffer, end: number): Case => ({
  ...bye(name, [close(payload)], end),
  oddClose: payload.length < 2 ? 1005 : PROTOCOL_ERROR,
});
const codeCase = (section: string, code: number, i: number, end: number): Case =>
  odd(`${section}.${i + 1} code ${code}`, closePayload(code), end);

const closing: Case[] = [
  bye('7.1.1 a text, then close', [text(HELLO), close()], 1000, echoed),
  bye('7.1.2 close twice', [close(), close()], 1000),
  bye('7.1.3 a ping after close', [close(), ping()], 1000),
  bye('7.1.4 a text after close', [close(), text(HELLO)], 1000),
  bye('7.1.5 close between two fragments', [start('a'), close(), last('b')], 1000),
  bye('7.3.1 close without a code', [close(Buffer.alloc(0))], 1005),
  odd('7.3.2 half a code', Buffer.of(3), PROTOCOL_ERROR),
  bye('7.3.3 a code alone', [close()], 1000),
  bye('7.3.4 a code and a reason', [close(closePayload(1000, HELLO))], 1000),
  bye('7.3.5 a reason of 123 bytes', [close(closePayload(1000, STARS(123)))], 1000),
  bad('7.3.6 a reason of 124 bytes', [close(closePayload(1000, STARS(124)))]),
  odd(
    '7.5.1 a reason that is not UTF-8',
    closePayload(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')),
    1007,
  ),
  ...VALID_CODES.map((code, i) =>
    code > 1011 && code < 4000
      ? codeCase('7.7', code, i, code)
      : bye(`7.7.${i + 1} code ${code}`, [close(closePayload(code))], code),
  ),
  ...INVALID_CODES.map((code, i) => codeCase('7.9', code, i, PROTOCOL_ERROR)),
  ...[5000, 65_535].map((code, i) => codeCase('7.13', code, i, PROTOCOL_ERROR)),
  /** Not in the list: registered since (1012 to 1014), and never to be seen on a line (1015). */
  ...[1012, 1013, 1014].map((code) => odd(`7.7 code ${code}`, closePayload(code), code)),
  odd('7.9 code 1015', closePayload(1015), PROTOCOL_ERROR),
];

export const inFragments = (payload: string, size: number): Buffer[] => {
  const count = Math.ceil(payload.length / size);
  return Array.from({ length: count }, (_, i) =>
    text(payload.slice(i * size, (i + 1) * size), {
      opcode: i === 0 ? OPCODE.text : OPCODE.continuation,
      fin: i === count - 1,
    }),
  );
};

const KIB = 1_024;
const full = STARS(FRAME_MAX_BYTES);
const isManyFragments = (size: number) => FRAME_MAX_BYTES / size > FRAGMENTS_MAX;

const limits: Case[] = [
  good('9.1.1 text of 64 KiB', [text(full)], [`text ${full}`]),
  ...[256, 1_024].map((n, i) =>
    bad(`9.1.${i + 2} ${n} KiB`, [text(STARS(n * KIB))], undefined, [], CLOSE.frame_too_large),
  ),
  ...[4, 8, 16].map((n, i) =>
    bad(
      `9.1.${i + 4} ${n} MiB announced`,
      [frame({ length: n * KIB * KIB, payload: full })],
      undefined,
      [],
      CLOSE.frame_too_large,
    ),
  ),
  ...[64, 256, 1 * KIB, 4 * KIB, 16 * KIB, 64 * KIB]
    .map((size, i): [number, number] => [i + 1, size])
    .filter(([, size]) => !isManyFragments(size))
    .map(([i, size]) =>
      good(
        `9.3.${i} 64 KiB in fragments of ${size}`,
        inFragments(full, size),
        [`text ${full}`],
        'frame by frame',
      ),
    ),
  ...[64, 128, 256, 512, 1_024, 2_048].map((chop, i) =>
    good(`9.5.${i + 1} 64 KiB in writes of ${chop}`, [text(full)], [`text ${full}`], chop),
  ),
  good('10.1.1 64 KiB in fragments of 1 300', inFragments(full, 1_300), [`text ${full}`]),
];

export const CASES: Case[] = [
  ...framing,
  ...pingsAndPongs,
  ...reservedBits,
  ...reservedOpcodes,
  ...fragmentation,
  ...closing,
  ...limits,
];
