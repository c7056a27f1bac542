/** Chance as an input (I7): identifiers that the protocol accepts, secrets that nobody guesses. */
import fc from 'fast-check';
import { parse } from 'valibot';
import { describe, expect, it } from 'vitest';
import { systemRandom, uuidV7 } from '#core/platform/random.ts';
import { uuid } from '#core/protocol/commands.ts';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const moment = fc.nat({ max: 2 ** 48 - 1 });
const chance = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('uuidV7', () => {
  it('is the example of RFC 9562, A.6', () => {
    const bytes = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    bytes.set([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidV7(0x017f22e279b0, bytes)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('has version and variant, whatever the chance, and the protocol accepts it', () => {
    fc.assert(
      fc.property(moment, chance, (now, bytes) => {
        const id = uuidV7(now, bytes);
        expect(id).toMatch(V7);
        expect(parse(uuid, id)).toBe(id);
      }),
    );
  });

  it('sorts by the time it was made, and the time can be read from it', () => {
    fc.assert(
      fc.property(moment, moment, chance, chance, (a, b, first, second) => {
        const [early, late] = [uuidV7(a, first), uuidV7(b, second)];
        if (a !== b) expect(early < late).toBe(a < b);
        expect(Number.parseInt(early.replaceAll('-', '').slice(0, 12), 16)).toBe(a);
      }),
    );
  });

  it('keeps all of the chance but the six bits that the standard takes', () => {
    const flips = Array.from({ length: 80 }, (_, bit) => {
      const bytes = new Uint8Array(10);
      bytes[bit >> 3] = 1 << (bit & 7);
      return uuidV7(1, bytes);
    });
    expect(new Set([uuidV7(1, new Uint8Array(10)), ...flips]).size).toBe(1 + 80 - 6);
  });
});

describe('systemRandom', () => {
  it('never gives the same twice', () => {
    const ids = Array.from({ length: 1_000 }, () => systemRandom.uuid(1));
    const tokens = Array.from({ length: 1_000 }, () => systemRandom.token());
    expect([new Set(ids).size, new Set(tokens).size]).toEqual([1_000, 1_000]);
  });

  it('tokens are 256 bits, safe in an address, a header and a cookie', () => {
    expect(systemRandom.token()).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(systemRandom.token(), 'base64url')).toHaveLength(32);
  });
});
