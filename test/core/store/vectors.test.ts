/** The index of passages finds what is near, and is built anew whenever it cannot be read. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVectors, type Passage } from '#core/store/vectors.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tresen-vectors-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const dimensions = 16;
const axis = (at: number): Float32Array =>
  Float32Array.from({ length: dimensions }, (_, index) => (index === at ? 1 : 0));
const passages = (): Passage[] =>
  Array.from({ length: dimensions }, (_, at) => ({
    intent: `i${at}`,
    language: 'de',
    vector: axis(at),
  }));
const never = (): Passage[] => {
  throw new Error('built again without need');
};

describe('createVectors', () => {
  it('builds, finds the nearest first, and opens again without building', async () => {
    const directory = join(root, 'a');
    const built = await createVectors({ directory, passages });
    expect(await built.count()).toBe(dimensions);
    built.close();
    const opened = await createVectors({ directory, passages: never });
    const found = await opened.search(axis(3), 2);
    expect(found[0]).toMatchObject({ intent: 'i3', language: 'de' });
    expect(found[0]?.similarity).toBeCloseTo(1, 4);
    expect(found[1]?.similarity).toBeCloseTo(0, 4);
    opened.close();
  });

  it('is built anew when its files are damaged', async () => {
    const directory = join(root, 'b');
    (await createVectors({ directory, passages })).close();
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const file of files)
      if (file.isFile()) await writeFile(join(file.parentPath, file.name), 'damaged');
    const healed = await createVectors({ directory, passages });
    expect((await healed.search(axis(5), 1))[0]?.intent).toBe('i5');
    healed.close();
  });

  it('may be built by several at once, and leaves nothing beside', async () => {
    const directory = join(root, 'c');
    const all = await Promise.all([1, 2, 3].map(() => createVectors({ directory, passages })));
    for (const one of all) expect((await one.search(axis(1), 1))[0]?.intent).toBe('i1');
    for (const one of all) one.close();
    expect((await readdir(root)).filter((name) => name.includes('.new-'))).toEqual([]);
  });
});
