/**
 * The power-cut shim itself: with `synchronous=FULL` nothing acked is missing after a cut, with
 * NORMAL something is. Without the second half the first would prove nothing.
 */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../bench/support/random.ts';
import { cutRowWriter } from './support/yardstick.ts';

const CUTS = 3;

async function cuts(synchronous: 'FULL' | 'NORMAL', kind: 'lost' | 'torn') {
  const chance = seeded(synchronous.length + kind.charCodeAt(0));
  const all = [];
  for (let i = 0; i < CUTS; i++) all.push(await cutRowWriter(synchronous, kind, chance));
  return {
    acked: all.reduce((sum, { acked }) => sum + acked, 0),
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
    integrity: all.map(({ integrity }) => integrity),
  };
}

describe('a power cut', () => {
  it.each(['lost', 'torn'] as const)('FULL keeps what was acked (%s)', async (kind) => {
    const { acked, lost, integrity } = await cuts('FULL', kind);
    expect(acked).toBeGreaterThan(CUTS);
    expect(lost).toBe(0);
    expect(integrity).toEqual(integrity.map(() => 'ok'));
  });

  it('NORMAL loses acked rows, and the shim shows it', async () => {
    const { lost } = await cuts('NORMAL', 'lost');
    expect(lost).toBeGreaterThan(0);
  });
});
