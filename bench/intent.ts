/**
 * `npm run bench -- intent [--full]`: how well and how fast the bot understands. The independent
 * test set of the starter pack, public few-shot sets beside the evidence of UNDERSTANDING.md, and
 * the time of one utterance and of learning. Prints Markdown, stores results/intent.json.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { learn } from '#core/bot/understanding.ts';
import { loadStarterKnowledge } from '#core/knowledge/starter.ts';
import { meanAndSpread, quantile } from '#models/evaluation/measures.ts';
import { loadGlossary } from '#models/glossary.ts';
import { loadDefaultEncoder, loadMultiply } from '#workers/session.ts';
import { type FewShotSet, fewShot, type Tools } from './intent-few-shot.ts';
import { judgeStarter, slicesOf, summarise, unseenQuestions } from './intent-starter.ts';
import { machineFacts, machineLine } from './support/machine.ts';
import { number, type Report, type Table, text } from './support/report.ts';

const results = join(import.meta.dirname, 'results');
const seeds = [1, 2, 3];
const askedMax = 500;

/** `before`: the best of UNDERSTANDING.md without an encoder of our own, at 5 and 10 phrasings. */
const sets: (FewShotSet & { before: [number, number]; long?: boolean })[] = [
  { name: 'robo_faq_de', language: 'de', before: [71.9, 79.8] },
  { name: 'robo_faq_en', language: 'en', before: [87.2, 91.8] },
  { name: 'banking77', language: 'en', test: 'test.tsv', before: [78.1, 85.3], long: true },
  {
    name: 'clinc150',
    language: 'en',
    test: 'test.tsv',
    foreign: 'oos_test.tsv',
    before: [86.8, 90.2],
    long: true,
  },
];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { full: { type: 'boolean' } } });
  const starter = await measureStarter();
  const shots = await measureSets(values.full ?? false);
  const machine = machineFacts(tmpdir());
  const report: Report = {
    title: 'intent: quality and speed of understanding',
    tables: [starter.quality, starter.scope, starter.speed, shots.table],
    notes: [
      'Starter pack against models/evaluation/starter.tsv, which no training sees; ' +
        `${unseenQuestions(loadStarterKnowledge()).seen} utterances that equal a training line ` +
        'are left out. "served": answered by the expected article, or handed over where a ' +
        'person was wanted.',
      `Few-shot: mean ± spread over ${seeds.length} seeds` +
        (values.full ? '; whole test splits.' : `; ${askedMax} utterances each. --full: all sets.`),
      machineLine(machine),
    ],
    figures: { starter: starter.figures, fewShot: shots.figures },
    isPassed: true,
  };
  mkdirSync(results, { recursive: true });
  const result = { name: 'intent', args, machine, notes: report.notes, figures: report.figures };
  writeFileSync(join(results, 'intent.json'), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`\n${text(report)}\n`);
}

async function measureStarter() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-intent-'));
  const told: Record<string, unknown> = {};
  const articles = loadStarterKnowledge();
  const deps = {
    articles,
    dataDir,
    clock: { elapsed: () => performance.now() },
    log: {
      info: (event: string, fields?: object) => {
        told[event] = fields;
      },
      warn: () => {},
    },
  };
  try {
    const first = await timed(() => learn(deps));
    await first.value.close();
    const again = await timed(() => learn(deps));
    const inference = again.value;
    await judgeStarter(inference, articles.slice(0, 1));
    const judgements = await judgeStarter(inference, articles);
    await inference.close();
    const slices = [...slicesOf(judgements)].map(
      ([name, part]) => [name, summarise(part)] as const,
    );
    const times = (key: 'queueMs' | 'encodeMs' | 'searchMs' | 'totalMs') =>
      judgements.map(({ understanding }) => understanding.timing[key]);
    const row = (name: string, list: number[]) => [
      name,
      ...[0.5, 0.95, 0.99].map((share) => number(quantile(list, share))),
    ];
    const seconds = { learnFirst: first.ms / 1000, load: again.ms / 1000 };
    return {
      quality: qualityTable(slices),
      scope: scopeTable(slices),
      speed: {
        columns: ['milliseconds', 'p50', 'p95', 'p99'],
        rows: [
          row('understand', times('totalMs')),
          row('of it waiting', times('queueMs')),
          row('of it encoding', times('encodeMs')),
          row(
            'of it index (unsure only)',
            times('searchMs').filter((ms) => ms > 0.5),
          ),
          ['first learning, s', number(seconds.learnFirst), '', ''],
          ['loading what was learned, s', number(seconds.load), '', ''],
        ],
      },
      figures: { slices: Object.fromEntries(slices), seconds, told },
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

type Slices = (readonly [string, ReturnType<typeof summarise>])[];

const tenth = (share: number): string =>
  Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : '–';

function qualityTable(slices: Slices): Table {
  const rows = slices
    .filter(([, { inScope }]) => inScope > 0)
    .map(([name, s]) => [
      name,
      String(s.inScope),
      tenth(s.top1),
      tenth(s.served),
      tenth(s.askedRightly),
      tenth(s.wrong),
      tenth(s.askedWrongly),
      tenth(s.handedOver),
    ]);
  const columns = ['in scope', 'n', 'top-1', 'served', 'asked, right', 'wrong', 'asked, wrong'];
  return { columns: [...columns, 'to a person'], rows };
}

function scopeTable(slices: Slices): Table {
  const rows = slices
    .filter(([, { outOfScope }]) => outOfScope > 0)
    .map(([name, s]) => [
      name,
      String(s.outOfScope),
      tenth(s.falseAnswers),
      tenth(s.falseAsks),
      s.inScope > 0 ? number(s.area) : '–',
      s.inScope > 0 ? number(s.calibrationError) : '–',
    ]);
  return { columns: ['out of scope', 'n', 'answered', 'asked back', 'AUROC', 'ECE'], rows };
}

async function measureSets(full: boolean) {
  const encoder = await loadDefaultEncoder(1);
  const known = new Map<string, Float32Array>();
  const tools: Tools = {
    multiply: await loadMultiply(1),
    glossary: loadGlossary(),
    encode: async (line) => {
      const vector = known.get(line) ?? (await encoder.encode(line));
      known.set(line, vector);
      return vector;
    },
  };
  const rows: string[][] = [];
  const figures: Record<string, unknown> = {};
  for (const set of sets.filter(({ long }) => full || !long)) {
    for (const [at, shots] of [5, 10].entries()) {
      const runs = [];
      const limit = full ? Number.MAX_SAFE_INTEGER : askedMax;
      for (const seed of seeds) runs.push(await fewShot(set, shots, seed, limit, tools));
      const { mean, spread } = meanAndSpread(runs.map(({ accuracy }) => accuracy * 100));
      const area = meanAndSpread(runs.map((one) => one.area)).mean;
      const accuracy = `${mean.toFixed(1)} ± ${spread.toFixed(1)}`;
      const before = `${set.before[at]}`;
      rows.push([set.name, String(shots), accuracy, before, set.foreign ? number(area) : '–']);
      figures[`${set.name} ${shots}`] = runs;
    }
    known.clear();
  }
  await encoder.close();
  const columns = ['few-shot', 'phrasings', 'accuracy %', 'UNDERSTANDING.md', 'AUROC foreign'];
  return { table: { columns, rows }, figures };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}
