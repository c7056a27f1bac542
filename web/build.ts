/**
 * Builds what browsers run into web/dist: `node web/build.ts [--if-changed] [part …]`.
 * Four parts: the loader (one classic script), widget, console and demo. With `--if-changed` a part
 * is built only when a hash of its sources differs from the one kept beside the last build; Vite is
 * not even loaded when nothing changed. Ends with one line of gzip sizes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { InlineConfig } from 'vite';

const WEB = import.meta.dirname;
const ROOT = join(WEB, '..');
const DIST = join(WEB, 'dist');
const HASHES = join(DIST, '.hashes.json');
const COMMON = ['web/build.ts', 'web/shared', 'core/protocol', 'package-lock.json'];

type Part = {
  sources: string[];
  /** What it leaves in web/dist, for the line of sizes. */
  output: string;
  /** `react` is loaded only when a part asks for it. */
  config: () => Promise<InlineConfig> | InlineConfig;
};

const PARTS: Record<string, Part> = {
  loader: { sources: ['web/widget'], output: 'widget.js', config: loaderConfig },
  widget: { sources: ['web/widget'], output: 'widget', config: () => pageConfig('widget') },
  console: { sources: ['web/console'], output: 'console', config: consoleConfig },
  demo: { sources: ['web/demo'], output: 'demo', config: demoConfig },
};

function common(): InlineConfig {
  return {
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    mode: 'production',
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic' } },
  };
}

/** One self-contained classic script: it runs on pages that are not ours. */
function loaderConfig(): InlineConfig {
  const lib = {
    entry: join(WEB, 'widget/loader.ts'),
    formats: ['iife' as const],
    name: 'tresenLoader',
    fileName: () => 'widget.js',
  };
  const build = { lib, outDir: DIST, emptyOutDir: false, target: 'es2022', minify: true };
  return { ...common(), root: join(WEB, 'widget'), build };
}

/** A folder with an index.html; nothing inline, so that the CSP stays strict. */
function pageConfig(name: string, input = ['index.html']): InlineConfig {
  const root = join(WEB, name);
  return {
    ...common(),
    root,
    base: `/${name}/`,
    build: {
      outDir: join(DIST, name),
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1_500,
      rolldownOptions: { input: input.map((file) => join(root, file)) },
    },
  };
}

async function consoleConfig(): Promise<InlineConfig> {
  const { default: react } = await import('@vitejs/plugin-react');
  return { ...pageConfig('console'), plugins: [react()] };
}

function demoConfig(): InlineConfig {
  return pageConfig('demo', ['index.html', 'en/index.html']);
}

async function filesBelow(path: string): Promise<string[]> {
  if (/\.\w+$/.test(path)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

async function hashOf(sources: string[]): Promise<string> {
  const lists = await Promise.all(sources.map((source) => filesBelow(join(ROOT, source))));
  const files = lists.flat().sort();
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash('sha256');
  files.forEach((file, i) => {
    hash.update(`${relative(ROOT, file)}\0`).update(contents[i] ?? '');
  });
  return hash.digest('hex');
}

async function readHashes(): Promise<Record<string, string>> {
  const text = await readFile(HASHES, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, string>;
}

/** @returns e.g. `widget 18.2 + 3.1 kB`: scripts + styles, as gzip */
async function sizeLine(name: string, output: string): Promise<string> {
  const files = await filesBelow(join(DIST, output));
  const sizeOf = async (ending: string) => {
    const wanted = files.filter((file) => file.endsWith(ending));
    const sizes = await Promise.all(wanted.map(async (f) => gzipSync(await readFile(f)).length));
    return (sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1);
  };
  return `${name} ${await sizeOf('.js')} + ${await sizeOf('.css')}`;
}

async function main(args: string[]): Promise<void> {
  const ifChanged = args.includes('--if-changed');
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const started = performance.now();
  await mkdir(DIST, { recursive: true });
  const known = await readHashes();
  const built: string[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const hash = await hashOf([...COMMON, ...part.sources]);
    if (ifChanged && known[name] === hash) continue;
    const { build } = await import('vite');
    await build(await part.config());
    known[name] = hash;
    built.push(await sizeLine(name, part.output));
    await writeFile(HASHES, JSON.stringify(known));
  }
  const took = Math.round(performance.now() - started);
  const what = built.length > 0 ? `built ${built.join(', ')} kB (js + css, gzip)` : 'up to date';
  process.stdout.write(`web: ${what} in ${took} ms\n`);
}

await main(process.argv.slice(2));
