/**
 * The style and the structure as a test: floors, doors, sizes, headers, banned calls, dead files,
 * README promises. What is not checked here is opinion.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;
const FOLDER_README_LINES_MAX = 25;

/** Files that git knows or would add; sources only. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const sources = files.filter((file) => /\.(ts|tsx)$/.test(file) && !file.endsWith('.d.ts'));
const product = sources.filter((file) => /^(core|workers|models|web)\//.test(file));
const read = (file: string): string => readFileSync(file, 'utf8');
const lines = (file: string): string[] => read(file).split('\n');

const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');

/** Where an import points, as a path from the root, or the package's name. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
}

const FLOORS: Record<string, number> = {
  'core/protocol': 0,
  'core/platform': 0,
  models: 0.5,
  workers: 1,
  'core/store': 1,
  'core/bot': 2,
  'core/agent': 2,
  'core/knowledge': 2,
  'core/contacts': 2,
  'core/insights': 2,
  'core/privacy': 2,
  'core/identity': 2,
  'core/automation': 2,
  'core/outbound': 2,
  'core/router': 3,
  'core/gateway': 4,
  'core/app.ts': 5,
  'core/main.ts': 5,
};
/** Command-line tools stand outside the floors, like benches: they may use what the app uses. */
const TOOLS = new Set(['models/ask.ts']);

const room = (path: string): string =>
  path.startsWith('core/') ? path.split('/').slice(0, 2).join('/') : (path.split('/')[0] ?? '');

describe('floors', () => {
  it('imports go down only, or stay in their own folder', () => {
    const wrong: string[] = [];
    for (const file of product) {
      const from = room(file);
      const floor = FLOORS[from];
      if (floor === undefined || TOOLS.has(file)) continue;
      for (const specifier of imports(file)) {
        const to = room(target(file, specifier));
        const below = FLOORS[to];
        if (to === from || below === undefined) continue;
        const isMain = floor === 5;
        if (!isMain && below >= floor && from !== 'core/platform') {
          wrong.push(`${file} → ${specifier}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('the ground knows nobody; the protocol nothing that a browser lacks', () => {
    const wrong = product.flatMap((file) =>
      imports(file).flatMap((specifier) => {
        const to = target(file, specifier);
        const isProtocol = file.startsWith('core/protocol/');
        const isPlatform = file.startsWith('core/platform/');
        const isBad =
          (isProtocol && !to.startsWith('core/protocol/') && to !== 'valibot') ||
          (isPlatform && to.startsWith('core/') && !/^core\/(platform|protocol)\//.test(to));
        return isBad ? [`${file} → ${specifier}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('web imports the protocol and nothing else of core', () => {
    const apps = product.filter((file) => /^web\/(shared|console|widget|demo|help)\//.test(file));
    const wrong = apps.flatMap((file) =>
      imports(file)
        .map((specifier) => target(file, specifier))
        .filter((to) => /^(core|workers|models)\//.test(to) && !to.startsWith('core/protocol/'))
        .map((to) => `${file} → ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('doors (I8)', () => {
  const DOORS: [library: RegExp, door: RegExp][] = [
    [/^(fastify|@fastify\/.*)$/, /^core\/gateway\/http\//],
    [/^(ws|uWebSockets\.js)$/, /^core\/gateway\/websocket\/server-/],
    [/^piscina$/, /^workers\/pool\.ts$/],
    [/^onnxruntime-node$/, /^workers\/session\.ts$/],
    [/^node:sqlite$/, /^core\/store\/sqlite[^/]*\.ts$/],
    [/^(@lancedb\/lancedb|apache-arrow)$/, /^core\/store\/vectors\.ts$/],
    [/^redis$/, /^core\/store\/presence[^/]*\.ts$/],
    [/^pino$/, /^core\/platform\/log\.ts$/],
    [/^prom-client$/, /^core\/platform\/metrics\.ts$/],
  ];

  it.each(DOORS)('%s is imported in one place only', (library, door) => {
    const shipped = product.filter((file) => file.startsWith('core/') || !file.startsWith('web/'));
    const wrong = shipped.filter(
      (file) => !door.test(file) && imports(file).some((specifier) => library.test(specifier)),
    );
    // Types of a request or a server may be named beside the door, its folder is the door.
    expect(wrong).toEqual([]);
  });
});

describe('size', () => {
  it(`files have at most ${FILE_LINES_MAX} lines`, () => {
    expect(sources.filter((file) => lines(file).length > FILE_LINES_MAX)).toEqual([]);
  });

  /** A name, a text or a pattern cannot be broken by the formatter, and should not be. */
  const isLiteral = (line: string): boolean =>
    /'[^']{60,}'|`[^`]{60,}|\/.{60,}\/|"[^"]{60,}"/.test(line);

  it(`lines have at most ${LINE_COLUMNS_MAX} columns`, () => {
    const wrong = sources.flatMap((file) =>
      lines(file).flatMap((line, i) =>
        line.length > LINE_COLUMNS_MAX && !isLiteral(line) ? [`${file}:${i + 1}`] : [],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it(`functions have at most ${FUNCTION_LINES_MAX} lines, factories of a whole file apart`, () => {
    const wrong = product.flatMap((file) => longFunctions(file));
    expect(wrong).toEqual([]);
  });

  it(`a folder's README has at most ${FOLDER_README_LINES_MAX} lines`, () => {
    const readmes = files.filter((file) => /^(core|workers|web)\/.+\/README\.md$/.test(file));
    const wrong = readmes.filter((file) => lines(file).length - 1 > FOLDER_README_LINES_MAX);
    expect(wrong).toEqual([]);
  });
});

/**
 * Finds functions by their indentation. `createX` factories hold the functions of their file and
 * React components hold their markup; what stands inside them is measured on its own.
 */
function longFunctions(file: string): string[] {
  const all = lines(file);
  return all.flatMap((line, start) => {
    const head = /^( *)(?:export )?(?:default )?(?:async )?function\*? (\w*)/.exec(line);
    if (!head || /^(create|welcome|open|learn)[A-Z]?|^[A-Z]/.test(head[2] ?? '')) return [];
    const end = all.findIndex((l, i) => i > start && l.startsWith(`${head[1]}}`));
    const isLong = end - start + 1 > FUNCTION_LINES_MAX;
    return isLong ? [`${file}:${start + 1} ${head[2]} has ${end - start + 1} lines`] : [];
  });
}

describe('words and calls', () => {
  const BANNED: [pattern: RegExp, instead: string, allowed: RegExp][] = [
    [/\bDate\.now\(|new Date\(\)/, 'Clock of core/platform/clock.ts', /^core\/platform\/clock/],
    [/\bMath\.random\(/, 'Random of core/platform/random.ts', /^web\/shared\//],
    [/\bsetTimeout\(|\bsetInterval\(/, 'Clock.after', /^core\/platform\/clock/],
    [/\bconsole\.\w+\(/, 'Log of core/platform/log.ts', /^$/],
    [/\b(FIXME|XXX|HACK|TODO)\b/, 'an issue, or do it now', /^$/],
    [
      /\bprocess\.env\b/,
      'Config of core/platform/config.ts',
      /^(core\/main|core\/platform\/config|models\/ask)\.ts$/,
    ],
  ];

  it.each(BANNED)('no %s (instead: %s)', (pattern, _instead, allowed) => {
    const checked = product.filter(
      (file) => !file.startsWith('web/') || /console\\/.test(`${pattern}`),
    );
    const wrong = checked.filter((file) => !allowed.test(file) && pattern.test(read(file)));
    expect(wrong).toEqual([]);
  });

  it('every source file says what it is for', () => {
    const wrong = sources.filter((file) => !/^(#!.*\n)?\/\*\*?/.test(read(file)));
    expect(wrong).toEqual([]);
  });

  it('names no outside host in what runs', () => {
    const allowed =
      /localhost|127\.0\.0\.1|\.example\b|example\.(com|org|net)|www\.w3\.org|json-schema\.org/;
    const wrong = product.flatMap((file) =>
      [...read(file).matchAll(/(?:https?|wss?):\/\/[\w.-]+/g)]
        .map((match) => match[0])
        .filter((address) => !allowed.test(address))
        .map((address) => `${file}: ${address}`),
    );
    expect(wrong).toEqual([]);
  });

  it('identifiers use the words of the glossary', () => {
    const banned = /\b(tickets?|customers?|visitors?|chatSession|escalation|macro)\w*\b/;
    const code = (file: string): string =>
      read(file)
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replace(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g, "''");
    const wrong = product
      .filter((file) => file.startsWith('core/') || file.startsWith('workers/'))
      .flatMap((file) => {
        const found = banned.exec(code(file));
        return found ? [`${file}: ${found[0]}`] : [];
      });
    expect(wrong).toEqual([]);
  });
});

describe('nothing is dead', () => {
  it('every source file of the product is imported or started by something', () => {
    const entries = new Set([
      'core/main.ts',
      'core/store/sqlite-writer.ts',
      'workers/understand.ts',
      'workers/train.ts',
      'workers/encode.ts',
      'web/build.ts',
      'web/widget/loader.ts',
      'web/screenshots.ts',
      'models/ask.ts',
    ]);
    const imported = new Set(
      files
        .filter((file) => /\.(ts|tsx|html|json|mjs)$/.test(file))
        .flatMap((file) => [...mentions(file)]),
    );
    const dead = product.filter((file) => !entries.has(file) && !imported.has(file));
    expect(dead).toEqual([]);
  });

  it('every npm script that the documents name exists', () => {
    const scripts = JSON.parse(read('package.json')).scripts as Record<string, string>;
    const documents = files.filter((file) => file.endsWith('.md'));
    const wrong = documents.flatMap((file) =>
      [...read(file).matchAll(/npm run ([\w-]+)/g)]
        .filter((match) => !(match[1] && match[1] in scripts))
        .map((match) => `${file}: ${match[0]}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Files that `file` imports or names as an entry of a page. */
function* mentions(file: string): Generator<string> {
  for (const specifier of imports(file)) yield target(file, specifier);
  const urls = read(file).matchAll(/(?:src="|new URL\(')([^'"]+\.tsx?)/g);
  for (const match of urls) yield normalize(join(dirname(file), match[1] ?? ''));
}
