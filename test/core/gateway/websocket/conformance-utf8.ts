/**
 * Section 6 of the case list: what is UTF-8 and what is not, after Markus Kuhn's decoder test.
 * RFC 6455 (8.1) lets a server check at the end of a message; both libraries do, so 6.4 is only
 * found there and not at its first impossible byte.
 */
import { frame, OPCODE } from '#test/support/raw-websocket.ts';
import type { Case } from './conformance-cases.ts';

const NOT_UTF8 = 1007;

/** Fragments of one text, cut where the test wants it. */
function cut(parts: Buffer[]): Buffer[] {
  return parts.map((payload, i) =>
    frame({
      payload,
      opcode: i === 0 ? OPCODE.text : OPCODE.continuation,
      fin: i === parts.length - 1,
    }),
  );
}

function text(name: string, parts: Buffer[], isValid: boolean, chop?: Case['chop']): Case {
  const whole = Buffer.concat(parts).toString('latin1');
  return {
    name: `${name} is ${isValid ? '' : 'not '}UTF-8`,
    frames: cut(parts),
    replies: isValid ? [`text ${whole}`] : [],
    end: isValid ? 'alive' : NOT_UTF8,
    ...(chop !== undefined && { chop }),
  };
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const each = (whole: Buffer): Buffer[] => [...whole].map((byte) => Buffer.of(byte));

const KOSME = 'cebae1bdb9cf83cebcceb5';
const GREETING = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!');
const EDITED = bytes(`${KOSME}eda080656469746564`);
const TOO_HIGH = bytes(`${KOSME}f4908080656469746564`);

const fragments: Case[] = [
  text('6.1.1 nothing', [Buffer.alloc(0)], true),
  text('6.1.2 three empty fragments', [bytes(''), bytes(''), bytes('')], true),
  text(
    '6.1.3 text between two empty fragments',
    [bytes(''), Buffer.from('middle'), bytes('')],
    true,
  ),
  text('6.2.1 a greeting', [GREETING], true),
  text('6.2.2 cut between characters', [GREETING.subarray(0, 12), GREETING.subarray(12)], true),
  text('6.2.3 a fragment per byte', each(GREETING), true),
  text('6.2.4 κόσμε, a fragment per byte', each(bytes(KOSME)), true),
  text('6.3.1 a surrogate', [EDITED], false),
  text('6.3.2 a surrogate, a fragment per byte', each(EDITED), false),
  text(
    '6.4.1 too high a character, alone in its fragment',
    [bytes(KOSME), bytes('f4908080'), bytes('656469746564')],
    false,
    'frame by frame',
  ),
  text(
    '6.4.2 too high a character across fragments',
    [bytes(`${KOSME}f4`), bytes('90'), bytes('8080656469746564')],
    false,
    'frame by frame',
  ),
  text('6.4.3 the same in one frame that comes in pieces', [TOO_HIGH], false, 17),
  text('6.4.4 the same byte by byte', [TOO_HIGH], false, 1),
];

const pairs = (from: number, to: number): string => {
  let hex = '';
  for (let byte = from; byte <= to; byte++) hex += `${byte.toString(16)}20`;
  return hex;
};
const continuations = Array.from({ length: 0x40 }, (_, i) => (0x80 + i).toString(16)).join('');
const unfinished = [
  ...['c0', 'e080', 'f08080', 'f8808080', 'fc80808080'],
  ...['df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'],
];
/** U+FFFE and U+FFFF of the basic plane and of the sixteen behind it: no characters, yet valid. */
const nonCharacters = Array.from({ length: 17 }, (_, plane) =>
  [0xfffe, 0xffff].map((end) =>
    Buffer.from(String.fromCodePoint(plane * 0x10000 + end)).toString('hex'),
  ),
).flat();

/** By number of the section: what it is about, what is valid, what is not, in Autobahn's order. */
const SECTIONS: [about: string, sequences: string[], valid: boolean | boolean[]][] = [
  [
    'characters of one to four bytes',
    [
      ...['68656c6c6f24776f726c64', '68656c6c6fc2a2776f726c64'],
      ...['68656c6c6fe282ac776f726c64', '68656c6c6ff0a4ada2776f726c64', KOSME],
    ],
    true,
  ],
  [
    'a beginning of κόσμε',
    Array.from({ length: KOSME.length / 2 }, (_, i) => KOSME.slice(0, 2 * (i + 1))),
    [false, true, false, false, true, false, true, false, true, false, true],
  ],
  ['the first of its length', ['00', 'c280', 'e0a080', 'f0908080'], true],
  ['the first of five and six bytes', ['f888808080', 'fc8480808080'], false],
  ['the last of its length', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf'], true],
  ['the last of four to six bytes', ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'], false],
  [
    'a boundary',
    ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf', 'f4908080'],
    [true, true, true, true, false],
  ],
  [
    'continuation of nothing',
    ['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf', continuations],
    false,
  ],
  [
    'a lonely start',
    [
      ...[pairs(0xc0, 0xdf), pairs(0xe0, 0xef), pairs(0xf0, 0xf7)],
      ...[pairs(0xf8, 0xfb), pairs(0xfc, 0xfd)],
    ],
    false,
  ],
  ['the last byte missing', unfinished, false],
  ['all of them together', [unfinished.join('')], false],
  ['an impossible byte', ['fe', 'ff', 'fefeffff'], false],
  ['an overlong slash', ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'], false],
  ['the longest overlong', ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'], false],
  ['an overlong null', ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'], false],
  ['a surrogate', ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'], false],
  [
    'a pair of surrogates',
    ['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => [`${high}edb080`, `${high}edbfbf`]),
    false,
  ],
  ['no character', nonCharacters, true],
  ['a special', ['b9', 'ba', 'bb', 'bc', 'bd', 'be', 'bf'].map((end) => `efbf${end}`), true],
];
const FIRST_SECTION = 5;

const sequences: Case[] = SECTIONS.flatMap(([about, list, valid], section) =>
  list.map((hex, i) => {
    const isValid = typeof valid === 'boolean' ? valid : valid[i] === true;
    const short = hex.length > 24 ? `${hex.slice(0, 24)}…` : hex;
    const number = `6.${FIRST_SECTION + section}.${i + 1}`;
    return text(`${number} ${about}: ${short}`, [bytes(hex)], isValid);
  }),
);

export const UTF8_CASES: Case[] = [...fragments, ...sequences];
