/**
 * What browsers load, gzip: the loader on the company's page, and everything that the widget and
 * the console load on opening (page, styles, scripts and what these import at once).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { importsOf, referencesOf } from './support/page.ts';
import { number, type Report, verdict } from './support/report.ts';
import { ROOT } from './support/tresen.ts';

type Part = { name: string; files: string[]; limitKb?: number };
type Sized = Part & { bytes: number; gzip: number };

const DIST = join(ROOT, 'web/dist');
/** Kilobytes are 1 000 bytes here: the stricter reading of a limit. */
const KB = 1_000;

export async function run(args: string[]): Promise<Report> {
  if (args.length > 0) throw new Error('size takes no flags');
  const built = spawnSync(process.execPath, ['web/build.ts', '--if-changed'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) throw new Error('the browser apps could not be built');
  const parts: Part[] = [
    { name: 'loader (widget.js)', files: ['widget.js'], limitKb: 5 },
    { name: 'widget, on opening', files: onOpening('widget/index.html'), limitKb: 60 },
    { name: 'console, on opening', files: onOpening('console/index.html') },
  ];
  const sized = parts.map(size);
  const keeps = ({ gzip, limitKb }: Sized): boolean =>
    gzip > 0 && (limitKb === undefined || gzip <= limitKb * KB);
  return {
    title: 'size: what browsers load',
    tables: [
      {
        columns: ['part', 'files', 'bytes', 'gzip kB', 'limit kB', ''],
        rows: sized.map((part) => [
          part.name,
          String(part.files.length),
          number(part.bytes),
          number(part.gzip / KB),
          part.limitKb === undefined ? '–' : String(part.limitKb),
          part.limitKb === undefined ? '' : verdict(keeps(part)),
        ]),
      },
    ],
    notes: ['Each file by itself with gzip level 6, as a proxy would send it; 1 kB = 1 000 bytes.'],
    figures: sized,
    isPassed: sized.every(keeps),
  };
}

function size(part: Part): Sized {
  const contents = part.files.map((file) => readFileSync(join(DIST, file)));
  return {
    ...part,
    bytes: contents.reduce((sum, content) => sum + content.length, 0),
    gzip: contents.reduce((sum, content) => sum + gzipSync(content).length, 0),
  };
}

/** The page, what it names, and what the named scripts import statically, each once. */
function onOpening(page: string): string[] {
  const found = new Set([page]);
  const queue = referencesOf(readFileSync(join(DIST, page), 'utf8'));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const path = file.replace(/^\//, '');
    if (found.has(path) || !existsSync(join(DIST, path))) continue;
    found.add(path);
    if (!path.endsWith('.js')) continue;
    const folder = posix.dirname(path);
    const imported = importsOf(readFileSync(join(DIST, path), 'utf8'));
    queue.push(...imported.map((specifier) => posix.join(folder, specifier)));
  }
  return [...found];
}
