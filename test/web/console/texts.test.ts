/** Both catalogues are complete, every refusal of the server has words, plurals are right. */
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '#core/protocol/errors.ts';
import { urgency, waited } from '../../../web/console/texts/format.ts';
import { refusalText, TEXTS } from '../../../web/console/texts/texts.ts';

/** Every path of a catalogue with what stands there; functions are called with a sample. */
function* leaves(value: unknown, path = ''): Generator<[string, string]> {
  if (typeof value === 'function') yield [path, String(value(2, 2))];
  else if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${key}`);
  }
}

const SAME_IN_BOTH = /product|online|system\.system|bot$|sections\.bot|offline|name$|E-Mail/i;

describe('catalogues', () => {
  it('have the same entries, none empty', () => {
    const de = [...leaves(TEXTS.de)];
    const en = [...leaves(TEXTS.en)];
    expect(en.map(([path]) => path)).toEqual(de.map(([path]) => path));
    expect([...de, ...en].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('long texts are translated, not copied', () => {
    const en = new Map(leaves(TEXTS.en));
    const copied = [...leaves(TEXTS.de)].filter(
      ([path, text]) => text.length > 12 && en.get(path) === text && !SAME_IN_BOTH.test(path),
    );
    expect(copied).toEqual([]);
  });

  it.each(['de', 'en'] as const)('has words for every refusal (%s)', (language) => {
    for (const code of Object.keys(REFUSALS)) {
      const text = refusalText(TEXTS[language], code);
      expect(text, code).not.toBe('');
      expect(text, code).not.toBe(TEXTS[language].refusals.unknown);
    }
    expect(refusalText(TEXTS[language], 'from_a_newer_server')).toBe(
      TEXTS[language].refusals.unknown,
    );
  });

  it('names the colleague who was faster', () => {
    expect(refusalText(TEXTS.de, 'conversation_already_taken', 'Jonas Weber')).toBe(
      'Jonas Weber war schneller: die Konversation ist schon übernommen.',
    );
  });

  it('counts in words', () => {
    expect(TEXTS.de.conversation.newBelow(1)).toBe('1 neue Nachricht');
    expect(TEXTS.de.conversation.newBelow(1_234)).toBe('1.234 neue Nachrichten');
    expect(TEXTS.en.conversation.newBelow(1_234)).toBe('1,234 new messages');
  });
});

describe('waiting', () => {
  it('reads as minutes, then hours', () => {
    expect([0, 61_000, 3_599_000, 3_660_000].map(waited)).toEqual([
      '0:00',
      '1:01',
      '59:59',
      '1:01 h',
    ]);
  });
  it('is long after two minutes and overdue after five', () => {
    expect([120_000, 120_001, 300_000, 300_001].map(urgency)).toEqual([
      'fine',
      'long',
      'long',
      'overdue',
    ]);
  });
});
