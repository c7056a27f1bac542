/** Contacts: found again by the hash of their secret; written together with their first event. */
import type { Reader } from './sqlite.ts';

export type Contacts = ReturnType<typeof createContacts>;

export function createContacts(reader: Reader) {
  /** @returns the contact's id, or undefined when nobody has this secret */
  function byTokenHash(tokenHash: string): string | undefined {
    const row = reader.one('SELECT id FROM contacts WHERE token_hash = ?', tokenHash);
    return row && String(row['id']);
  }
  return Object.freeze({ byTokenHash });
}
