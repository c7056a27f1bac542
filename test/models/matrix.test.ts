/** The inverse times the matrix is the identity, below and above the size of one block. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inverse, multiplyPlain, transpose } from '#models/matrix.ts';

/** B·Bᵀ + n·I from a seed: symmetric and positive definite. */
async function definite(n: number, seed: number): Promise<Float32Array> {
  const b = Float32Array.from({ length: n * n }, (_, at) => Math.sin(seed + at * 1.7));
  const product = await multiplyPlain(b, transpose(b, n, n), n, n, n);
  return product.map((value, at) => value / n + (at % (n + 1) === 0 ? 1 : 0));
}

it.each([1, 2, 63, 65, 150])('inverts %i × %i', async (n) => {
  const matrix = await definite(n, n);
  const product = await multiplyPlain(matrix, await inverse(matrix, n, multiplyPlain), n, n, n);
  for (let row = 0; row < n; row++)
    for (let column = 0; column < n; column++)
      expect(product[row * n + column]).toBeCloseTo(row === column ? 1 : 0, 3);
});

it('stays exact where rounding errors would grow from block to block', async () => {
  const n = 500;
  const matrix = Float32Array.from({ length: n * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return Math.exp(-(((row - column) / 40) ** 2)) + (row === column ? 0.05 : 0);
  });
  const inverted = await inverse(matrix, n, multiplyPlain);
  const product = await multiplyPlain(matrix, inverted, n, n, n);
  const errors = product.map((value, at) => Math.abs(value - (at % (n + 1) === 0 ? 1 : 0)));
  expect(errors.reduce((most, error) => Math.max(most, error), 0)).toBeLessThan(1e-3);
});

it('refuses what is not positive definite', async () => {
  await expect(inverse(Float32Array.of(1, 2, 2, 1), 2, multiplyPlain)).rejects.toThrow('definite');
});

it('turns and turns back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }), (m, n) => {
      const matrix = Float32Array.from({ length: m * n }, (_, at) => at);
      expect(transpose(transpose(matrix, m, n), n, m)).toEqual(matrix);
    }),
    { numRuns: 20 },
  );
});
