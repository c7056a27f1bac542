/**
 * Task: lines in, their encodings out. The second pair of hands at the first training, when
 * nothing is served yet; one session per thread is faster than two threads in one session.
 */
import { loadDefaultEncoder } from './session.ts';
import { type EncodeInput, throwIfStopped } from './tasks.ts';

/** @returns the unit vectors of `lines`, one after the other */
export default async function encode({ lines, stop }: EncodeInput): Promise<Float32Array> {
  const encoder = await loadDefaultEncoder(1);
  const encodings = new Float32Array(lines.length * encoder.dimensions);
  for (const [at, line] of lines.entries()) {
    throwIfStopped(stop);
    encodings.set(await encoder.encode(line), at * encoder.dimensions);
  }
  await encoder.close();
  return encodings;
}
