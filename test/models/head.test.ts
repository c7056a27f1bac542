/** What we write as ONNX scores as the trainer does, for any head. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { centred, headToOnnx, scoresOf } from '#models/head.ts';
import { transpose } from '#models/matrix.ts';
import { loadHead } from '#workers/session.ts';

const number = fc.float({ min: -1, max: 1, noNaN: true });
const floats = (length: number) =>
  fc.array(number, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));

const heads = fc
  .record({ count: fc.integer({ min: 1, max: 9 }), intentCount: fc.integer({ min: 1, max: 6 }) })
  .chain(({ count, intentCount }) =>
    fc.record({
      examples: floats(count * 8),
      weights: floats(count * intentCount),
      encoding: floats(8),
      lexical: floats(count),
      intentCount: fc.constant(intentCount),
    }),
  );

it('round trip: ONNX scores = plain scores', async () => {
  await fc.assert(
    fc.asyncProperty(heads, async ({ examples, weights, encoding, lexical, intentCount }) => {
      const head = { examples, weights, dimensions: 8, intentCount };
      const session = await loadHead(headToOnnx(head, transpose(examples, lexical.length, 8)));
      const served = await session.run({ encoding, lexical });
      const plain = scoresOf(head, encoding, lexical);
      for (const [at, score] of plain.scores.entries())
        expect(served.scores[at]).toBeCloseTo(score, 4);
      for (const [at, cosine] of plain.meaning.entries())
        expect(served.meaning[at]).toBeCloseTo(cosine, 4);
      await session.close();
    }),
    { numRuns: 40 },
  );
});

it('centred vectors have length 1, also the mean itself does not divide by zero', () => {
  const mean = Float32Array.of(1, 0);
  expect(centred(Float32Array.of(1, 5), mean)).toEqual(Float32Array.of(0, 1));
  expect(centred(mean, mean)).toEqual(Float32Array.of(0, 0));
});
