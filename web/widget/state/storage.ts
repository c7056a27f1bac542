/**
 * What this tab keeps, and the only file that touches storage: the contact's token, which
 * conversation is shown and what is not yet acked. Written from the first send on, never before;
 * in sessionStorage, so it ends with the tab. Where storage is refused, memory has to do.
 */
import type { PendingCommand } from '../../shared/connection.ts';

export type Kept = {
  token?: string;
  contact?: string;
  conversation?: string;
  outbox: PendingCommand[];
};

const KEY = 'tresen.widget';

/** @returns what an earlier page of this tab has kept, or undefined */
export function readKept(): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { outbox } = kept as Partial<Kept>;
    return { ...kept, outbox: Array.isArray(outbox) ? outbox : [] };
  } catch {
    return undefined;
  }
}

export function writeKept(kept: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Storage is full or refused: the conversation goes on, it only does not survive a reload.
  }
}

export function removeKept(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing could be stored, so nothing has to go.
  }
}
