/**
 * A person's settings on this device, kept in localStorage; nothing personal is in them.
 * A broken or blocked store falls back to the defaults.
 */
import type { Language } from '../../../core/protocol/entities.ts';
import { TEXTS, type Texts } from '../texts/texts.ts';
import { createStore, useStore } from './store.ts';

export type Settings = {
  language: Language;
  shortcuts: boolean;
  sound: boolean;
  afterResolve: 'next' | 'stay';
};

const KEY = 'tresen.console.settings';

const defaults = (): Settings => ({
  language: navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en',
  shortcuts: true,
  sound: false,
  afterResolve: 'next',
});

function load(): Settings {
  const settings = defaults();
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof saved !== 'object' || saved === null) return settings;
    const given = saved as Record<string, unknown>;
    if (given['language'] === 'de' || given['language'] === 'en') {
      settings.language = given['language'];
    }
    if (given['shortcuts'] === false) settings.shortcuts = false;
    if (given['sound'] === true) settings.sound = true;
    if (given['afterResolve'] === 'stay') settings.afterResolve = 'stay';
  } catch {
    // Unreadable settings are no reason to show nothing.
  }
  return settings;
}

export const settings = createStore<Settings>(load());

export function changeSettings(next: Partial<Settings>): void {
  settings.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()));
  } catch {
    // Storage may be blocked; the setting then lasts until the page is left.
  }
}

export const useSettings = (): Settings => useStore(settings, (all) => all);
export const useLanguage = (): Language => useStore(settings, (all) => all.language);
export const useTexts = (): Texts => TEXTS[useLanguage()];
export const textsNow = (): Texts => TEXTS[settings.get().language];
