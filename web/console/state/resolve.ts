/** Resolving, and what follows it: the next who waits, or staying here. */
import type { Desk } from './desk.ts';
import { addressOf, goTo } from './route.ts';
import { settings } from './settings.ts';

/** Resolves and, if so set, goes on to who has waited longest. */
export function resolve(desk: Desk, id: string): void {
  desk.command({ type: 'conversation.resolve', conversation: id });
  if (settings.get().afterResolve === 'stay') return;
  const next = desk.longestWaiting(id);
  goTo(next ? addressOf(next) : '#/');
}
