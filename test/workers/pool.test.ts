/** The pool: a missing model is an error at once, training in a thread reports and says no. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUnderstandPool, trainInThread } from '#workers/pool.ts';
import { smallKnowledge } from '../models/small-knowledge.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tresen-pool-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('refuses to start without a model', async () => {
  await expect(createUnderstandPool({ directory, id: 'none' })).rejects.toThrow(
    'missing or damaged',
  );
});

it('trains, then understands', async () => {
  const input = { articles: smallKnowledge, directory, id: 'small', threads: 1 };
  const result = await trainInThread(input, new AbortController().signal);
  expect(result.trained).toBe(true);
  expect(await readdir(directory)).toEqual(['small']);
  const pool = await createUnderstandPool({ directory, id: 'small' });
  const { evidence, encoding } = await pool.understand({ text: 'sendung verfolgen' });
  expect(evidence.candidates[0]?.intent).toBe('tracking');
  expect(encoding).toHaveLength(384);
  expect((await pool.understand({ text: '?' })).encoding).toBeUndefined();
  await pool.close();
});

it('throws what training threw', async () => {
  const input = { articles: [], directory, id: 'empty', threads: 1 };
  await expect(trainInThread(input, new AbortController().signal)).rejects.toThrow('two intents');
});
