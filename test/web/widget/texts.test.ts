/** Both catalogues are complete, fill the same places, and say the words of the trade. */
import { describe, expect, it } from 'vitest';
import { de } from '../../../web/widget/texts/de.ts';
import { en } from '../../../web/widget/texts/en.ts';
import { LOADER_TEXTS } from '../../../web/widget/texts/loader.ts';
import { createWords, fill } from '../../../web/widget/texts/texts.ts';

const flat = (x: unknown, path = ''): [string, string][] =>
  typeof x === 'string'
    ? [[path, x]]
    : Object.entries(x as object).flatMap(([key, value]) => flat(value, `${path}.${key}`));
const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe('catalogues', () => {
  it('have the same keys, no empty text, the same places to fill', () => {
    const german = flat(de);
    const english = new Map(flat(en));
    expect([...english.keys()].sort()).toEqual(german.map(([key]) => key).sort());
    for (const [key, text] of german) {
      expect(text.trim(), key).not.toBe('');
      expect(english.get(key)?.trim(), key).not.toBe('');
      expect(places(english.get(key) ?? ''), key).toEqual(places(text));
    }
    expect(Object.keys(LOADER_TEXTS.en)).toEqual(Object.keys(LOADER_TEXTS.de));
  });

  it('speaks Sie, and never calls the bot a person', () => {
    const all = flat(de).map(([, text]) => text);
    expect(all.filter((text) => /\b(du|dein|dir|dich|euch)\b/i.test(text))).toEqual([]);
    expect(de.bot).toMatch(/KI/);
    expect(en.bot).toMatch(/AI/);
  });

  it('fills what it knows and leaves the rest', () => {
    expect(fill('{a} und {b}', { a: 'Anna' })).toBe('Anna und {b}');
  });

  it('names days as people do', () => {
    const now = new Date(2026, 10, 22, 9).getTime();
    const day = 86_400_000;
    expect(createWords('de').day(now, now)).toBe('Heute');
    expect(createWords('de').day(now - day, now)).toBe('Gestern');
    expect(createWords('en').day(now - day, now)).toBe('Yesterday');
    expect(createWords('de').day(now - 3 * day, now)).toBe('Donnerstag, 19. November');
  });
});
