/** The articles in memory, as bot, widget and console ask for them. The store holds the truth. */
import type { Article, Language } from '#core/protocol/entities.ts';
import type { Articles } from '#core/store/articles.ts';

export type Knowledge = ReturnType<typeof createKnowledge>;

/** What people ask most, shown before the first message, as far as these articles exist. */
const FIRST_QUESTIONS = ['tracking', 'return-how', 'refund-time', 'delivery-time'];

export function createKnowledge(store: Pick<Articles, 'all'>) {
  const articles = store.all();
  const byId = new Map(articles.map((article) => [article.id, article]));

  const article = (id: string): Article | undefined => byId.get(id);

  /** Up to four questions to begin with. */
  function questions(language: Language): { article: string; label: string }[] {
    const known = FIRST_QUESTIONS.flatMap((id) => byId.get(id) ?? []);
    const others = articles.filter((entry) => entry.kind === 'article');
    const chosen = known.length > 0 ? known : others.slice(0, FIRST_QUESTIONS.length);
    return chosen.map((entry) => ({ article: entry.id, label: entry[language].title }));
  }

  return Object.freeze({ all: () => articles, article, questions });
}
