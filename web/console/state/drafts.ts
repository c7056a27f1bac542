/**
 * What is typed but not sent, per conversation, in sessionStorage: it survives switching and a
 * reload of this tab, and is gone with it. Also keeps the outbox over a reload.
 */
import type { PendingCommand } from '../../shared/connection.ts';
import { createStore, useStore } from './store.ts';

export type Mode = 'reply' | 'note';
export type Draft = { mode: Mode; reply: string; note: string };
type Drafts = { all: Readonly<Record<string, Draft>> };

const KEY = 'tresen.console.drafts';
const OUTBOX_KEY = 'tresen.console.outbox';
const OWNER_KEY = 'tresen.console.drafts.owner';
const empty: Draft = { mode: 'reply', reply: '', note: '' };

function read<T>(key: string, fallback: T): T {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null) ?? fallback;
  } catch {
    return fallback;
  }
}

function write(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or blocked: the draft still lives in memory.
  }
}

const drafts = createStore<Drafts>({ all: read<Drafts['all']>(KEY, {}) });

export const draftOf = (conversation: string): Draft => drafts.get().all[conversation] ?? empty;

export function changeDraft(conversation: string, change: Partial<Draft>): void {
  const { [conversation]: before = empty, ...others } = drafts.get().all;
  const draft = { ...before, ...change };
  const isEmpty = draft.reply === '' && draft.note === '' && draft.mode === 'reply';
  const all = isEmpty ? others : { ...others, [conversation]: draft };
  drafts.set({ all });
  write(KEY, all);
}

export const useDraft = (conversation: string): Draft =>
  useStore(drafts, ({ all }) => all[conversation] ?? empty);
export const useHasDraft = (conversation: string): boolean =>
  useStore(drafts, ({ all }) => {
    const draft = all[conversation];
    return draft !== undefined && (draft.reply + draft.note).trim() !== '';
  });

/** Words survive an expired sign-in, but only for the person who wrote them. */
export function claimDrafts(agent: string): void {
  const owner = read(OWNER_KEY, agent);
  if (owner !== agent) forgetDrafts();
  write(OWNER_KEY, agent);
}

/** Signing out takes the words along: the next person at this desk must not read them. */
export function forgetDrafts(): void {
  drafts.set({ all: {} });
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(OUTBOX_KEY);
}

export const savedOutbox = (): PendingCommand[] => read<PendingCommand[]>(OUTBOX_KEY, []);
export const saveOutbox = (pending: readonly PendingCommand[]): void => write(OUTBOX_KEY, pending);
