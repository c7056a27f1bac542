/**
 * UUID version 7 (RFC 9562): the time in milliseconds, then chance. Ids made later sort later,
 * also within one millisecond, so that an outbox kept over a reload stays in its order.
 */
let lastTime = 0;
let counter = 0;

/** @returns a new id, e.g. `0199a3f2-8c1e-7a41-9d5e-3b0c7f21e8aa` */
export function uuid(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastTime) {
    lastTime = now;
    counter = ((bytes[6] ?? 0) << 4) | ((bytes[7] ?? 0) & 0x0f);
  } else if (++counter > 0xfff) {
    lastTime += 1;
    counter = 0;
  }
  const time = lastTime.toString(16).padStart(12, '0');
  const sequence = counter.toString(16).padStart(3, '0');
  const variant = (((bytes[8] ?? 0) & 0x3f) | 0x80).toString(16);
  const rest = [...bytes.subarray(9)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-` +
    `${variant}${rest.slice(0, 2)}-${rest.slice(2)}`
  );
}
