/**
 * The whole way with the real encoder and real threads on a small knowledge base: learns, answers,
 * survives damage to its files, and works while another process-like port uses the same folder.
 */
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inference } from '#core/bot/inference.ts';
import { learn, ModelRefused } from '#core/bot/understanding.ts';
import { modelIdOf } from '#models/identity.ts';
import { smallKnowledge } from '../../models/small-knowledge.ts';

let dataDir = '';
let inference: Inference;
const events: string[] = [];
const deps = (articles = smallKnowledge) => ({
  articles,
  dataDir,
  clock: { elapsed: () => performance.now() },
  log: { info: (event: string) => events.push(event), warn: (event: string) => events.push(event) },
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tresen-understanding-'));
  inference = await learn(deps());
});
afterAll(async () => {
  await inference.close();
  await rm(dataDir, { recursive: true, force: true });
});

const first = async (text: string, before?: string) => {
  const { candidates } = await inference.understand({ text, before });
  return candidates[0]?.intent;
};

describe('the port', () => {
  it.each([
    ['wo ist das packet', 'tracking'],
    ['Where is my parcel now?', 'tracking'],
    ['retoure', 'return-how'],
    ['i forgot the password', 'password-forgotten'],
    ['mitarbeiter', 'human'],
  ])('%s → %s', async (text, intent) => expect(await first(text)).toBe(intent));

  it.each(['', '   ', '???', '🙂', '\u202E\u200B', 'xqzw vvk'])(
    'has nothing to say to %j',
    async (text) => {
      const { candidates, confidence } = await inference.understand({ text });
      expect(candidates).toEqual([]);
      expect(confidence).toBe(0);
    },
  );

  it('says the language, a name, thresholds and where the time went', async () => {
    const { language, timing } = await inference.understand({
      text: 'where is it',
      language: 'de',
    });
    expect(language).toBe('en');
    expect(Object.values(timing).every((ms) => ms >= 0)).toBe(true);
    expect(timing.totalMs).toBeGreaterThanOrEqual(timing.encodeMs);
    expect(inference.modelId()).toBe(modelIdOf(smallKnowledge));
    expect(inference.thresholds().answer).toBeGreaterThan(0);
  });

  it('understands very long text and many at once', async () => {
    await first('wo ist mein paket '.repeat(3000));
    const all = await Promise.all(Array.from({ length: 50 }, () => first('sendungsnummer')));
    expect(new Set(all)).toEqual(new Set(['tracking']));
  });
});

describe('learn', () => {
  it('loads what has been learned, side by side with the one that runs', async () => {
    events.length = 0;
    const other = await learn(deps());
    expect(events).not.toContain('the bot learns');
    expect((await other.understand({ text: 'retoure' })).candidates[0]?.intent).toBe('return-how');
    await other.close();
  });

  it('learns again when the model is damaged', async () => {
    const folder = join(dataDir, 'model', modelIdOf(smallKnowledge));
    await truncate(join(folder, 'head.onnx'), 50);
    events.length = 0;
    await (await learn(deps())).close();
    expect(events).toContain('the bot learns');
    const left = await readdir(join(dataDir, 'model'));
    expect(left.filter((name) => name.includes('.new-'))).toEqual([]);
  });

  it('refuses a model that can only guess', async () => {
    const same = smallKnowledge.slice(0, 5).map((article) => {
      const text = { title: 'Same', body: 'same', phrasings: ['same', 'same thing'] };
      return { ...article, kind: 'article' as const, de: text, en: text };
    });
    await expect(learn(deps(same))).rejects.toThrow(ModelRefused);
  });
});
