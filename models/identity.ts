/**
 * The name of a model: a digest of everything it depends on, so that the same articles read by the
 * same encoder have the same model in every process, and any change asks for a new one.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Article } from '#core/protocol/entities.ts';
import { examplesOf } from './corpus.ts';
import { encoderFiles } from './manifest.ts';

/** Raise it when training changes in a way that files of older models must not survive. */
const trainingVersion = 7;

/** @returns `<encoder>-<content>`: models of one encoder share their encodings. */
export function modelIdOf(articles: readonly Article[]): string {
  const glossary = readFileSync(new URL('./glossary/german.txt', import.meta.url), 'utf8');
  const content = JSON.stringify([trainingVersion, glossary, examplesOf(articles)]);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `${encoderPrefix()}-${digest}`;
}

export const encoderPrefix = (): string => encoderFiles().sha256.slice(0, 8);
