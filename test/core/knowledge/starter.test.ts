/** The starter pack is whole, and a mistake in it is named with file and entry. */
import { describe, expect, it } from 'vitest';
import { loadStarterKnowledge, readArticles } from '#core/knowledge/starter.ts';

describe('the starter pack', () => {
  const articles = loadStarterKnowledge();

  it('has every kind of entry, each id once', () => {
    const kinds = new Set(articles.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['article', 'hand-over', 'out-of-scope', 'small-talk']);
    expect(new Set(articles.map(({ id }) => id)).size).toBe(articles.length);
    expect(articles.filter(({ kind }) => kind === 'article').length).toBeGreaterThan(50);
  });
});

const text = 'title: T\n    body: B\n    phrasings: [x]';
describe('readArticles', () => {
  it('takes topic and kind', () => {
    const [article] = readArticles('a.yaml', `- id: x-1\n  de:\n    ${text}\n  en:\n    ${text}`);
    expect(article).toMatchObject({ id: 'x-1', kind: 'article', topic: 'a', de: { body: 'B' } });
  });

  it.each([
    ['a: 1', 'a.yaml: expected a list'],
    ['- id: Big One', 'entry 1 has no id'],
    ['- id: x\n  kind: other', 'a.yaml: x: kind must be one of'],
    [`- id: x\n  de:\n    ${text}`, 'a.yaml: x: en is missing'],
    [`- id: x\n  de:\n    title: T\n  en:\n    ${text}`, 'a.yaml: x: de: body must be a text'],
    [
      `- id: x\n  de:\n    title: T\n    body: B\n    phrasings: [1]\n  en:\n    ${text}`,
      'number 1 must be a text',
    ],
  ])('%j: %s', (source, message) => expect(() => readArticles('a.yaml', source)).toThrow(message));
});
