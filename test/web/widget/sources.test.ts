/**
 * Promises that are about what is *not* in the code: the loader stores nothing and is small, only
 * one file of the app touches storage, no text ever becomes HTML, tokens never leave by message.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { isToApp, isToLoader } from '../../../web/widget/bridge.ts';

const WIDGET = join(import.meta.dirname, '../../../web/widget');
const SHARED = join(WIDGET, '../shared');
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
const code = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
const using = (pattern: RegExp) =>
  [...filesIn(WIDGET), ...filesIn(SHARED)]
    .filter((file) => pattern.test(code(file)))
    .map((file) => file.slice(WIDGET.length + 1));

const STORAGE = /localStorage|sessionStorage|indexedDB|document\.cookie|cookieStore|\bcaches\b/;
const HTML = /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write/;

describe('widget sources', () => {
  it('touch storage in one file only', () => {
    expect(using(STORAGE)).toEqual(['state/storage.ts']);
  });

  it('never turn text into HTML or code', () => {
    expect(using(HTML)).toEqual([]);
    expect(using(/\beval\(|new Function|srcdoc/)).toEqual([]);
  });

  it('post messages to an exact origin only', () => {
    expect(using(/postMessage\([^)]*['"]\*['"]/)).toEqual([]);
  });

  it('build a loader below 5 kB that knows no storage and no cookie', async () => {
    const lib = { entry: join(WIDGET, 'loader.ts'), formats: ['iife' as const], name: 'x' };
    const result = await build({
      configFile: false,
      logLevel: 'silent',
      build: { lib, write: false, target: 'es2022' },
    });
    const [output] = [result].flat();
    const chunk = output && 'output' in output ? output.output[0] : undefined;
    expect(chunk?.code).toMatch(/attachShadow/);
    expect(chunk?.code).not.toMatch(STORAGE);
    expect(chunk?.code).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon/);
    expect(gzipSync(chunk?.code ?? '').length).toBeLessThan(5_000);
  });
});

describe('messages between page and iframe', () => {
  it('are taken only in their exact shape', () => {
    expect(isToApp({ tresen: 'panel', visible: true, page: 'x' })).toBe(true);
    expect(isToLoader({ tresen: 'close' })).toBe(true);
    expect(isToLoader({ tresen: 'unread', count: 2 })).toBe(true);
    for (const wrong of [null, 'close', 7, {}, { tresen: 'panel' }, { tresen: 'unread' }]) {
      expect(isToApp(wrong)).toBe(false);
      expect(isToLoader(wrong)).toBe(false);
    }
    expect(isToLoader({ tresen: 'unread', count: '<b>' })).toBe(false);
  });
});
