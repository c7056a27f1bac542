/** Rules with ids are promises: each one that a document or a source names is quoted by a test. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const RULE = /\b([IGR]\d{1,2})\b/g;
const rulesIn = (pattern: RegExp): Set<string> =>
  new Set(
    files
      .filter((file) => pattern.test(file))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(RULE)].map((m) => m[1] ?? '')),
  );

it('every rule named in core is quoted by a test', () => {
  const named = rulesIn(/^core\/.*\.(ts|md)$/);
  const quoted = rulesIn(/^test\/.*\.test\.ts$|^test\/(faults|simulation)\/|\.yaml$|^test\/tidy/);
  const missing = [...named].filter((rule) => !quoted.has(rule));
  expect(missing.sort()).toEqual([]);
});
