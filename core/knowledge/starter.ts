/**
 * Reads the knowledge that Tresen starts with, and says which file and entry is wrong when one is.
 * The topic of an article is the name of its file. Knows YAML and articles, nothing of the store.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import {
  ARTICLE_KINDS,
  type Article,
  type ArticleText,
  LANGUAGES,
} from '#core/protocol/entities.ts';

const folder = new URL('./starter/', import.meta.url);
const outOfScopeFile = 'out-of-scope.yaml';

/** @throws Error naming file, entry and what is wrong with it. */
export function loadStarterKnowledge(): Article[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const articles = files.flatMap((name) =>
    readArticles(name, readFileSync(new URL(name, folder), 'utf8')),
  );
  const seen = new Set<string>();
  for (const { id, topic } of articles) {
    if (seen.has(id)) throw new Error(`${topic}.yaml: the id "${id}" is used twice`);
    seen.add(id);
  }
  return articles;
}

/** One file's text; `out-of-scope.yaml` becomes a single entry of that id. */
export function readArticles(file: string, source: string): Article[] {
  const content: unknown = parse(source);
  const topic = basename(file, '.yaml');
  if (file === outOfScopeFile) return [outOfScope(topic, content)];
  if (!Array.isArray(content)) throw new Error(`${file}: expected a list of entries`);
  return content.map((entry, at) => readArticle(file, topic, entry, at));
}

function outOfScope(topic: string, content: unknown): Article {
  const texts = (language: 'de' | 'en'): ArticleText => ({
    title: '',
    body: '',
    phrasings: strings(
      isRecord(content) ? content[language] : undefined,
      `${topic}.yaml: ${language}`,
    ),
  });
  return { id: topic, kind: 'out-of-scope', topic, de: texts('de'), en: texts('en') };
}

function readArticle(file: string, topic: string, entry: unknown, at: number): Article {
  if (!isRecord(entry) || typeof entry.id !== 'string' || !/^[a-z0-9-]+$/.test(entry.id))
    throw new Error(`${file}: entry ${at + 1} has no id of small letters, digits and hyphens`);
  const { id } = entry;
  const kind = ARTICLE_KINDS.find((known) => known === (entry.kind ?? 'article'));
  if (!kind) throw new Error(`${file}: ${id}: kind must be one of ${ARTICLE_KINDS.join(', ')}`);
  const [de, en] = LANGUAGES.map((language) =>
    readText(`${file}: ${id}: ${language}`, entry[language]),
  );
  return { id, kind, topic, de: de as ArticleText, en: en as ArticleText };
}

function readText(where: string, text: unknown): ArticleText {
  if (!isRecord(text)) throw new Error(`${where} is missing`);
  for (const key of ['title', 'body'] as const)
    if (typeof text[key] !== 'string' || text[key].trim() === '')
      throw new Error(`${where}: ${key} must be a text`);
  const phrasings = strings(text.phrasings, `${where}: phrasings`);
  return { title: String(text.title).trim(), body: String(text.body).trim(), phrasings };
}

function strings(list: unknown, where: string): string[] {
  if (!Array.isArray(list)) throw new Error(`${where} must be a list`);
  return list.map((item, at) => {
    if (typeof item === 'string' && item.trim() !== '') return item.trim();
    throw new Error(`${where}: number ${at + 1} must be a text; put it in double quotes`);
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
