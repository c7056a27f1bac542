/** The model's place: waits until there is one, changes it between two utterances, tells the truth. */
import { describe, expect, it } from 'vitest';
import type { Inference } from '#core/bot/inference.ts';
import { createBotModel } from '#core/bot/readiness.ts';

function named(id: string): { inference: Inference; closed: () => boolean } {
  let isClosed = false;
  const inference = {
    understand: () => Promise.reject(new Error('not asked here')),
    thresholds: () => ({ answer: 0.5, askBack: 0.2 }),
    modelId: () => id,
    close: async () => {
      isClosed = true;
    },
  };
  return { inference, closed: () => isClosed };
}

describe('the bot model', () => {
  it('is learning until the first model comes; the better one takes its place', async () => {
    const [first, better] = [named('first'), named('better')];
    const taker: { take?: (inference: Inference) => void } = {};
    const model = createBotModel((take, signal) => {
      taker.take = take;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    expect(model.readiness()).toBe('learning');
    expect(() => model.get()).toThrow(/learning/);
    taker.take?.(first.inference);
    await model.settled();
    expect(model.readiness()).toBe('ready');
    expect(model.get().modelId()).toBe('first');
    taker.take?.(better.inference);
    expect(model.get().modelId()).toBe('better');
    expect([first.closed(), better.closed()]).toEqual([true, false]);
    await model.close();
    expect(better.closed()).toBe(true);
  });

  it('G8: is unavailable when learning ends with nothing; nobody waits for it', async () => {
    const model = createBotModel(() => Promise.reject(new Error('no encoder')));
    await model.settled();
    expect(model.readiness()).toBe('unavailable');
    expect(() => model.get()).toThrow(/unavailable/);
    await model.close();
  });

  it('keeps serving what it has when a later step fails', async () => {
    const first = named('first');
    const model = createBotModel(async (take) => {
      take(first.inference);
      throw new Error('the disk is full');
    });
    await model.settled();
    await new Promise((resolve) => setImmediate(resolve));
    expect(model.readiness()).toBe('ready');
    expect(model.get().modelId()).toBe('first');
  });
});
