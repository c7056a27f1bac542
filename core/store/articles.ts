/** Knowledge articles and canned responses, in the order in which people see them. */
import type { Article, CannedResponse } from '#core/protocol/entities.ts';
import type { Reader } from './sqlite.ts';
import type { WriteResult, Writer } from './writer.ts';

export type Articles = ReturnType<typeof createArticles>;

export function createArticles(reader: Reader, writer: Writer) {
  const all = (): Article[] =>
    reader
      .all('SELECT content FROM articles ORDER BY position')
      .map((row) => JSON.parse(String(row['content'])) as Article);

  const cannedResponses = (): CannedResponse[] =>
    reader
      .all('SELECT content FROM canned_responses ORDER BY position')
      .map((row) => JSON.parse(String(row['content'])) as CannedResponse);

  /** The starter knowledge, all of it in one transaction. */
  const seed = (articles: Article[], responses: CannedResponse[]): Promise<WriteResult> =>
    writer.write([
      ...articles.map((article, position) => ({
        sql: 'INSERT INTO articles VALUES (?, ?, ?, ?)',
        values: [article.id, article.kind, position, JSON.stringify(article)],
      })),
      ...responses.map((response, position) => ({
        sql: 'INSERT INTO canned_responses VALUES (?, ?, ?)',
        values: [response.id, position, JSON.stringify(response)],
      })),
    ]);

  return Object.freeze({ all, cannedResponses, seed });
}
