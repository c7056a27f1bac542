/** Hash routes: which page the address names. Pure parsing, one hook, one way to go somewhere. */
import { useSyncExternalStore } from 'react';

export type Route =
  | { page: 'list' }
  | { page: 'conversation'; id: string }
  | { page: 'sign-in' }
  | { page: 'sign-up'; token: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function parseRoute(hash: string): Route {
  const [, page, part = ''] = hash.split('/');
  if (page === 'c' && UUID.test(part)) return { page: 'conversation', id: part };
  if (page === 'sign-up') return { page: 'sign-up', token: part };
  if (page === 'sign-in') return { page: 'sign-in' };
  return { page: 'list' };
}

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

export const routeNow = (): Route => parseRoute(location.hash);
export const useRoute = (): Route =>
  parseRoute(useSyncExternalStore(subscribe, () => location.hash));

export const addressOf = (id: string): string => `#/c/${id}`;
export const goTo = (hash: string): void => {
  if (location.hash !== hash) location.hash = hash;
};
