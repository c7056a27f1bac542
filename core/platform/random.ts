/** Chance as an input (I7). Only this file may ask the operating system for random bytes. */
import { randomBytes } from 'node:crypto';

export type Random = {
  /** UUID version 7 (RFC 9562, 5.7): sortable by the time it was made. */
  uuid(nowMs: number): string;
  /** 256 random bits as 43 URL-safe characters: a secret nobody guesses. */
  token(): string;
};

export const systemRandom: Random = Object.freeze({
  uuid: (nowMs: number) => uuidV7(nowMs, randomBytes(10)),
  token: () => randomBytes(32).toString('base64url'),
});

/** @param bytes 10 random bytes; version and variant bits are overwritten */
export function uuidV7(nowMs: number, bytes: Uint8Array): string {
  const all = Buffer.alloc(16);
  all.writeUIntBE(nowMs, 0, 6);
  all.set(bytes, 6);
  all[6] = ((all[6] ?? 0) & 0x0f) | 0x70;
  all[8] = ((all[8] ?? 0) & 0x3f) | 0x80;
  const hex = all.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
