/** HTTP as the console uses it: JSON in and out, every refusal and failure a value. */
import type { HttpRefusal } from '../../../core/protocol/endpoints.ts';

export type Answer<T> = { ok: true; value: T } | { ok: false; refused: string };

/** Not a code of the server: it did not answer at all. */
export const UNREACHABLE = 'unreachable';

async function ask<T>(method: 'GET' | 'POST', address: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(address, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.ok) return { ok: true, value: value as T };
    return { ok: false, refused: (value as HttpRefusal | undefined)?.refused ?? 'unknown' };
  } catch {
    return { ok: false, refused: UNREACHABLE };
  }
}

export const get = <T>(address: string): Promise<Answer<T>> => ask<T>('GET', address);
export const post = <T>(address: string, body: unknown = {}): Promise<Answer<T>> =>
  ask<T>('POST', address, body);
