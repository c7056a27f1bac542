/** The starter canned responses (Textbausteine), loaded once into a new store. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CannedResponse } from '#core/protocol/entities.ts';

const FILE = new URL('./starter-canned-responses.yaml', import.meta.url);

/** @throws Error naming the entry that is incomplete */
export function loadStarterCannedResponses(): CannedResponse[] {
  const entries = parse(readFileSync(FILE, 'utf8')) as CannedResponse[];
  for (const { id, shortcut, de, en } of entries) {
    const isComplete = id && shortcut && de?.title && de.text && en?.title && en.text;
    if (!isComplete) throw new Error(`starter-canned-responses.yaml: ${id} is incomplete`);
  }
  return entries.map(({ id, shortcut, de, en }) => ({
    id,
    shortcut,
    de: { title: de.title, text: de.text.trim() },
    en: { title: en.title, text: en.text.trim() },
  }));
}
