/** What may stand in a text, and that what clients clean is what the server accepts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, hasControls } from '#core/protocol/text.ts';

const REFUSED: [name: string, text: string][] = [
  ['NUL', 'a\u0000'],
  ['backspace', 'a\u0008'],
  ['vertical tab', 'a\u000b'],
  ['carriage return', 'a\r\nb'],
  ['escape', '\u001b[2J'],
  ['delete', '\u007f'],
  ['next line, a C1 control', '\u0085'],
  ['control sequence introducer of C1', '\u009b31m'],
  ['zero-width space', 'pass\u200bword'],
  ['left-to-right mark', '\u200e'],
  ['right-to-left mark', '\u200f'],
  ['embedding', '\u202a'],
  ['override', 'invoice\u202efdp.exe'],
  ['isolate', '\u2066x\u2069'],
  ['byte order mark', '\ufeffa'],
  ['first half of a pair alone', 'a\ud83d'],
  ['second half of a pair alone', '\ude00a'],
  ['a pair the wrong way round', '\ude00\ud83d'],
];

const ALLOWED: [name: string, text: string][] = [
  ['line feed and tab', 'a\n\tb'],
  ['umlauts', 'Grüße aus Österreich: ß, ẞ, é'],
  ['an emoji', '📦'],
  ['a family, joined', '👩\u200d👩\u200d👧'],
  ['Persian, not joined', 'می\u200cخواهم'],
  ['Hebrew and Arabic', 'שלום مرحبا'],
  ['a hard space and a thin one', '10\u00a0€ 1\u202f000'],
  ['typography', '„So“ – ‚so‘ … 5 × 3'],
  ['an emoji with a skin and a variation', '👍🏽 ❤\ufe0f'],
  ['nothing', ''],
];

describe('hasControls', () => {
  it.each(REFUSED)('refuses: %s', (_name, text) => {
    expect(hasControls(text)).toBe(true);
  });

  it.each(ALLOWED)('allows: %s', (_name, text) => {
    expect(hasControls(text)).toBe(false);
  });

  it('refuses every control of direction that Unicode knows', () => {
    const all = Array.from({ length: 0x3000 }, (_, i) => String.fromCodePoint(i));
    const controls = all.filter((character) => /\p{Bidi_Control}/u.test(character));
    expect(controls).toHaveLength(12);
    const missed = controls.filter((character) => !hasControls(character));
    expect(missed.map((character) => character.codePointAt(0)?.toString(16))).toEqual([]);
  });

  it('answers the same when asked twice: no memory of where it stood', () => {
    expect([hasControls('\u0000'), hasControls('\u0000')]).toEqual([true, true]);
  });
});

describe('cleanText', () => {
  it.each(REFUSED)('makes sendable: %s', (_name, text) => {
    expect(hasControls(cleanText(text))).toBe(false);
  });

  it.each(ALLOWED)('leaves alone: %s', (_name, text) => {
    expect(cleanText(text)).toBe(text);
  });

  it('writes line ends one way and takes the space around away', () => {
    expect(cleanText(' \r\na\r\nb\rc\n ')).toBe('a\nb\nc');
  });

  it('whatever was typed or pasted, the server accepts it then, and no letter is lost', () => {
    const pieces = fc.constantFrom(...[...REFUSED, ...ALLOWED].map(([, text]) => text));
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(hasControls(clean)).toBe(false);
        expect(cleanText(clean)).toBe(clean);
        expect(clean.trim()).toBe(clean);
        expect(readable(clean)).toBe(readable(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Letters and digits; no half of a pair, because two halves may become one by cleaning. */
const readable = (text: string): string => text.replace(/[^A-Za-z0-9äöüÄÖÜßéא-ת]/g, '');
