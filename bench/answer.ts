/**
 * The bot's answer as a contact waits for it: from the frame with the question leaving to the
 * frame with the answer arriving, both messages on disk. Open loop at given rates.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadStarterKnowledge } from '#core/knowledge/starter.ts';
import { LANGUAGES } from '#core/protocol/entities.ts';
import { doubts, generate, type Observed } from './support/generate.ts';
import type { AnswerJob } from './support/jobs.ts';
import { growthBy } from './support/prometheus.ts';
import { seeded, shuffled } from './support/random.ts';
import { number, percent, type Report, type Table, verdict } from './support/report.ts';
import { startTresen, type Tresen } from './support/tresen.ts';
import { readYardsticks, startEchoServer, yardstickNotes } from './support/yardsticks.ts';

type Questions = AnswerJob['questions'];
type Run = { rate: number; window: Observed };

const CONNECTIONS = 200;
const WARM_UP_MS = 3_000;
const SEED = 20_261_122;
/** The must-line: at this rate and below, 99 of 100 answers come within 100 ms. */
const MUST = { rate: 50, p99Ms: 100 };
const AIM = { p50Ms: 5, p99Ms: 15 };
const EVALUATION = new URL('../models/evaluation/starter.tsv', import.meta.url);

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: 'string', default: '1,50' },
      seconds: { type: 'string', default: '20' },
      socket: { type: 'string', default: 'auto' },
    },
  });
  const tresen = await startTresen({ socket: values.socket, untilBot: true });
  const echo = await startEchoServer(tresen.library);
  try {
    if (tresen.bot !== 'ready') throw new Error(`the bot is ${tresen.bot}:\n${tresen.output()}`);
    const questions = shuffled(readQuestions(), seeded(SEED));
    const first = await readYardsticks(echo);
    const runs: Run[] = [];
    for (const rate of values.rate.split(',').map(Number)) {
      runs.push({ rate, window: await measure(tresen, questions, rate, Number(values.seconds)) });
    }
    const last = await readYardsticks(echo);
    const notes = [
      `${questions.length} different questions, each in a conversation of its own, over ` +
        `${CONNECTIONS} connections (${tresen.library}); ${values.seconds} s per rate; ` +
        'milliseconds. 1/s shows what one contact feels, its p99 is no more than its maximum.',
      ...runs.map(decisionsNote),
      ...yardstickNotes(first, last),
    ];
    return reportOf(runs, notes, { first, last });
  } finally {
    echo.stop();
    await tresen.stop();
  }
}

function measure(tresen: Tresen, questions: Questions, rate: number, seconds: number) {
  const window = { warmUpMs: WARM_UP_MS, measureMs: seconds * 1_000 };
  const job = { load: 'answer', at: tresen.at, connections: CONNECTIONS, questions } as const;
  return generate({ ...job, ...window, perSecond: rate, seed: SEED + rate }, tresen.url);
}

/** What people are expected to ask (training) and what they asked otherwise (evaluation). */
function readQuestions(): Questions {
  const trained = loadStarterKnowledge().flatMap((article) =>
    LANGUAGES.flatMap((language) =>
      article[language].phrasings.map((text) => ({ text, language })),
    ),
  );
  const [, ...rows] = readFileSync(EVALUATION, 'utf8').trim().split('\n');
  const others = rows.flatMap((row) => {
    const [text = '', language] = row.split('\t');
    const known = LANGUAGES.find((each) => each === language);
    return known && text.trim() !== '' ? [{ text, language: known }] : [];
  });
  return [...trained, ...others];
}

function decisions({ before, after }: Observed): Record<string, number> {
  return growthBy(before, after, 'tresen_bot_turn_milliseconds_count', 'decision');
}

function decisionsNote({ rate, window }: Run): string {
  const found = Object.entries(decisions(window)).sort(([, a], [, b]) => b - a);
  const all = found.reduce((sum, [, count]) => sum + count, 0);
  const shares = found.map(([decision, count]) => `${decision} ${percent(count / all)}`);
  return `Decisions at ${rate}/s: ${shares.join(', ')}.`;
}

const keepsMust = ({ rate, window }: Run): boolean =>
  window.missing === 0 &&
  window.refused === 0 &&
  (rate > MUST.rate || window.delivered.p99 < MUST.p99Ms);

function aimOf({ delivered }: Observed): string {
  return delivered.p50 <= AIM.p50Ms && delivered.p99 <= AIM.p99Ms ? 'reached' : 'missed';
}

function reportOf(runs: Run[], notes: string[], yardsticks: unknown): Report {
  const speed: Table = {
    columns: [
      'questions/s',
      'answers',
      'p50',
      'p95',
      'p99',
      'max',
      'ack p50',
      'ack p99',
      `p99 < ${MUST.p99Ms}`,
      `aim ${AIM.p50Ms} / ${AIM.p99Ms}`,
    ],
    rows: runs.map((run) => {
      const { delivered, ack } = run.window;
      const times = [delivered.p50, delivered.p95, delivered.p99, delivered.max, ack.p50, ack.p99];
      return [
        String(run.rate),
        String(delivered.count),
        ...times.map(number),
        verdict(keepsMust(run)),
        aimOf(run.window),
      ];
    }),
  };
  const conditions: Table = {
    columns: ['questions/s', 'unanswered', 'refused', 'server CPU', 'generator CPU', 'doubts'],
    rows: runs.map(({ rate, window }) => [
      String(rate),
      String(window.missing),
      String(window.refused),
      percent(window.serverCpu),
      percent(window.cpuShare),
      doubts([window]).join(', ') || 'none',
    ]),
  };
  const figures = runs.map(({ rate, window }) => {
    const { before: _, after: __, ...rest } = window;
    return { rate, decisions: decisions(window), ...rest };
  });
  return {
    title: 'answer: from the question to the bot’s answer, both on disk',
    tables: [speed, conditions],
    notes,
    figures: { yardsticks, rates: figures },
    isPassed: runs.every(keepsMust),
  };
}
