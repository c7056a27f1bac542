/**
 * Which encoder is used and where it lies: `manifest.json` with paths made absolute. Other weights
 * mean another checksum, hence other model ids, hence new training. Loads nothing itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export type EncoderFiles = { model: string; tokenizer: string; sha256: string; dimensions: number };

/** @throws when the package with the encoder is not installed. */
export function encoderFiles(): EncoderFiles {
  const text = readFileSync(new URL('./manifest.json', import.meta.url), 'utf8');
  const { encoder } = JSON.parse(text);
  const folders = createRequire(import.meta.url).resolve.paths(encoder.package) ?? [];
  const found = folders
    .map((folder) => join(folder, encoder.package))
    .find((folder) => existsSync(join(folder, encoder.model)));
  if (!found) throw new Error(`the encoder is missing: install the package ${encoder.package}`);
  const { sha256, dimensions } = encoder;
  const model = join(found, encoder.model);
  return { model, tokenizer: join(found, encoder.tokenizer), sha256, dimensions };
}
