/** The command line says what is wrong with what it was given, on stderr, and ends with 1. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it.each([
  ['no text', [], 'there is no text to ask'],
  ['an empty text', ['  '], 'there is no text to ask'],
  ['a missing file', ['--file', 'nowhere.tsv'], 'cannot read nowhere.tsv: ENOENT'],
  [
    'a missing column',
    ['--file', 'models/evaluation/starter.tsv', '--column', 'x'],
    'no column "x"',
  ],
  ['a language it does not speak', ['hola', '--language', 'es'], '--language must be de or en'],
])('%s', (_, args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['models/ask.ts', ...args]);
  expect(`${stderr}`).toContain(message);
  expect(`${stdout}`).toBe('');
  expect(status).toBe(1);
});
