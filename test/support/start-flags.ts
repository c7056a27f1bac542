/** Tresen's own start command, so that tests and benches run what people run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '../../package.json');

/** @returns the arguments of node in `npm start`: its flags, then the main file */
export function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };
  const found = /node ((?:--\S+ )*core\/main\.ts)$/.exec(scripts.start)?.[1];
  if (found === undefined) throw new Error(`no core/main.ts in "${scripts.start}"`);
  return found.split(' ');
}
