/** Ids of version 7, unique and in order, also within one millisecond and when the clock goes back. */
import { expect, it } from 'vitest';
import { uuid } from '../../../web/shared/uuid.ts';

it('makes ids that the protocol accepts, ascending and all different', () => {
  const ids = Array.from({ length: 2_000 }, (_, i) => uuid(1_790_000_000_000 + (i % 3)));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
