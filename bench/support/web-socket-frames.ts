/**
 * The part of RFC 6455 that a load generator needs: masked text frames out, unmasked frames in.
 * Cheaper than a library, so that one core can load a server that uses two. Pure.
 */
const TEXT = 0x81;
const CLOSE = 0x88;
const MASKED = 0x80;
/** Always the same and never zero: `ws` skips unmasking for a key of zeros. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** @returns `text` as one masked text frame */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  if (size > 0xffff) throw new Error(`a frame of ${size} bytes is not for this generator`);
  const start = headerBytes(size);
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = TEXT;
  if (size < 126) frame[1] = MASKED | size;
  else {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(size, 2);
  }
  for (let i = 0; i < 4; i++) frame[start - 4 + i] = MASK[i] ?? 0;
  frame.write(text, start);
  for (let i = 0; i < size; i++) frame[start + i] = (frame[start + i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return frame;
}

/**
 * Writes `text` (ASCII) over the payload of a masked frame that begins at `start` of `bytes`, from
 * payload offset `at` on: cheaper than a new frame when only a few bytes differ.
 */
export function overwrite(bytes: Buffer, start: number, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    bytes[start + at + i] = text.charCodeAt(i) ^ (MASK[(at + i) & 3] ?? 0);
  }
}

/** Bytes before the payload of a masked frame of `size` bytes. */
export const headerBytes = (size: number): number => (size < 126 ? 6 : 8);

/** Bytes on the wire of a message of `size` bytes. */
export const frameBytes = (size: number): number => size + headerBytes(size);

/**
 * Cuts a stream of server frames into texts.
 * @param onText the payload lies in a shared buffer: use it at once
 * @param onClose a close frame came, with its code
 */
export function createFrameReader(
  onText: (payload: Buffer) => void,
  onClose: (code: number) => void,
): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const length = bytes.length - at >= 2 ? (bytes[at + 1] ?? 0) & 0x7f : 0;
      const head = length === 127 ? 10 : length === 126 ? 4 : 2;
      if (bytes.length - at < head) break;
      const size =
        length === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : length === 126
            ? bytes.readUInt16BE(at + 2)
            : length;
      if (bytes.length - at < head + size) break;
      const payload = bytes.subarray(at + head, at + head + size);
      if (bytes[at] === TEXT) onText(payload);
      else if (bytes[at] === CLOSE) onClose(size >= 2 ? payload.readUInt16BE(0) : 1005);
      at += head + size;
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  };
}
