/**
 * The little linear algebra that training needs: row-major float32 matrices, and the inverse of a
 * symmetric positive definite one by blocks, so that nearly all its work is multiplication, which
 * the caller may hand to something fast. Knows nothing of intents or text.
 */
// biome-ignore-all lint/style/noNonNullAssertion: typed arrays of known length, indexed inside it

/** (m×k) · (k×n) → m×n, all row-major. */
export type Multiply = (
  a: Float32Array,
  b: Float32Array,
  m: number,
  k: number,
  n: number,
) => Promise<Float32Array>;

/** The multiplication of last resort: plain loops, about 1 GMAC/s. */
export const multiplyPlain: Multiply = async (a, b, m, k, n) => {
  const product = new Float32Array(m * n);
  for (let row = 0; row < m; row++)
    for (let at = 0; at < k; at++) {
      const factor = a[row * k + at]!;
      if (factor === 0) continue;
      for (let column = 0; column < n; column++)
        product[row * n + column]! += factor * b[at * n + column]!;
    }
  return product;
};

const leafMax = 64;

/**
 * Inverse of a symmetric positive definite n×n matrix by its Schur complement:
 * [A B; Bᵀ D]⁻¹ = [A⁻¹ + X Yᵀ, −X; −Xᵀ, S⁻¹] with Y = A⁻¹B, S = D − BᵀY, X = Y S⁻¹.
 * Float32 is enough while the condition stays below some 10⁴, which the ridge sees to.
 * @throws when the matrix is not positive definite.
 */
export async function inverse(
  matrix: Float32Array,
  n: number,
  multiply: Multiply,
): Promise<Float32Array> {
  if (n <= leafMax) return leafInverse(matrix, n);
  const half = n >> 1;
  const rest = n - half;
  const upper = await inverse(block(matrix, n, 0, 0, half, half), half, multiply);
  const side = block(matrix, n, 0, half, half, rest);
  const y = await multiply(upper, side, half, half, rest);
  const schur = block(matrix, n, half, half, rest, rest);
  const correction = await multiply(transpose(side, half, rest), y, rest, half, rest);
  for (let at = 0; at < schur.length; at++) schur[at]! -= correction[at]!;
  symmetrise(schur, rest);
  const lower = await inverse(schur, rest, multiply);
  const x = await multiply(y, lower, half, rest, rest);
  const outer = await multiply(x, transpose(y, half, rest), half, rest, half);
  for (let at = 0; at < upper.length; at++) upper[at]! += outer[at]!;
  symmetrise(upper, half);
  for (let at = 0; at < x.length; at++) x[at] = -x[at]!;

  const whole = new Float32Array(n * n);
  paste(whole, n, upper, 0, 0, half, half);
  paste(whole, n, x, 0, half, half, rest);
  paste(whole, n, transpose(x, half, rest), half, 0, rest, half);
  paste(whole, n, lower, half, half, rest, rest);
  return whole;
}

/** Without it rounding errors, which are not symmetric, grow from level to level. */
function symmetrise(matrix: Float32Array, n: number): void {
  for (let row = 0; row < n; row++)
    for (let column = 0; column < row; column++) {
      const mean = (matrix[row * n + column]! + matrix[column * n + row]!) / 2;
      matrix[row * n + column] = mean;
      matrix[column * n + row] = mean;
    }
}

/** Gauss-Jordan in float64 without pivoting, which positive definite matrices do not need. */
function leafInverse(matrix: Float32Array, n: number): Float32Array {
  const a = Float64Array.from(matrix);
  for (let pivot = 0; pivot < n; pivot++) {
    const scale = a[pivot * n + pivot]!;
    if (!(scale > 0)) throw new Error('matrix is not positive definite');
    a[pivot * n + pivot] = 1;
    for (let column = 0; column < n; column++) a[pivot * n + column]! /= scale;
    for (let row = 0; row < n; row++) {
      if (row === pivot) continue;
      const factor = a[row * n + pivot]!;
      a[row * n + pivot] = 0;
      for (let column = 0; column < n; column++)
        a[row * n + column]! -= factor * a[pivot * n + column]!;
    }
  }
  return Float32Array.from(a);
}

/** @returns the n×m transpose of an m×n matrix. */
export function transpose(matrix: Float32Array, m: number, n: number): Float32Array {
  const turned = new Float32Array(m * n);
  const tile = 32;
  for (let row0 = 0; row0 < m; row0 += tile)
    for (let column0 = 0; column0 < n; column0 += tile)
      for (let row = row0; row < Math.min(m, row0 + tile); row++)
        for (let column = column0; column < Math.min(n, column0 + tile); column++)
          turned[column * m + row] = matrix[row * n + column]!;
  return turned;
}

function block(
  matrix: Float32Array,
  width: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
): Float32Array {
  const part = new Float32Array(rows * columns);
  for (let at = 0; at < rows; at++) {
    const start = (row + at) * width + column;
    part.set(matrix.subarray(start, start + columns), at * columns);
  }
  return part;
}

function paste(
  whole: Float32Array,
  width: number,
  part: Float32Array,
  row: number,
  column: number,
  rows: number,
  columns: number,
): void {
  for (let at = 0; at < rows; at++)
    whole.set(part.subarray(at * columns, (at + 1) * columns), (row + at) * width + column);
}
