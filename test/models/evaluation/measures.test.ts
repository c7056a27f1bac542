/** Measures on examples that can be worked out by hand. */
import { expect, it } from 'vitest';
import {
  areaUnderCurve,
  calibrationError,
  meanAndSpread,
  quantile,
} from '#models/evaluation/measures.ts';

it('area under the curve', () => {
  expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
  expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
  expect(areaUnderCurve([1, 1], [1, 1])).toBe(0.5);
  expect(areaUnderCurve([2, 4], [1, 3])).toBe(0.75);
});

it('calibration error', () => {
  expect(calibrationError([{ confidence: 1, right: true }])).toBe(0);
  expect(calibrationError([{ confidence: 0.8, right: false }])).toBeCloseTo(0.8);
  expect(calibrationError([])).toBe(0);
});

it('quantile, mean and spread', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([], 0.5)).toBe(0);
  expect(meanAndSpread([1, 3])).toEqual({ mean: 2, spread: Math.SQRT2 });
});
