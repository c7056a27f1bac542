/**
 * What a model learns from: every phrasing, title and opening paragraph of every article, in every
 * language, with the intent it stands for. Knows the shape of articles, nothing of training.
 */
import type { Article, ArticleKind, Language } from '#core/protocol/entities.ts';

export type Example = {
  text: string;
  language: Language;
  /** Id of the article. */
  intent: string;
  kind: ArticleKind;
  /** Passages are what an answer is found by, phrasings what contacts say. */
  source: 'phrasing' | 'passage';
};

const languages = ['de', 'en'] as const;

/** Phrasings first, article by article; then the passages. Texts without a letter are left out. */
export function examplesOf(articles: readonly Article[]): Example[] {
  const phrasings = articles.flatMap((article) =>
    read(article, 'phrasing', (text) => text.phrasings),
  );
  const passages = articles
    .filter(({ kind }) => kind !== 'out-of-scope')
    .flatMap((article) => read(article, 'passage', (text) => [text.title, opening(text.body)]));
  return [...phrasings, ...passages];
}

function read(
  { id, kind, ...texts }: Article,
  source: Example['source'],
  pick: (text: Article['de']) => string[],
): Example[] {
  return languages.flatMap((language) =>
    pick(texts[language])
      .filter((text) => text.trim() !== '')
      .map((text) => ({ text, language, intent: id, kind, source })),
  );
}

/** The answer itself stands in the first paragraph; the rest is what to do next. */
function opening(body: string): string {
  return (
    body
      .replaceAll('**', '')
      .trim()
      .split(/\n\s*\n/)[0] ?? ''
  );
}
