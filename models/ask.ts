/**
 * `npm run ask`: what the bot would do with an utterance, one JSON line each, through the code
 * that serves: `npm run ask -- "wo ist mein paket"` or `-- --file f.tsv --column text` (`-` reads
 * standard input). Needs no running server and disturbs none. Writes nothing but the model.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decideTurn } from '#core/bot/dialogue.ts';
import type { Inference } from '#core/bot/inference.ts';
import { learn } from '#core/bot/understanding.ts';
import { loadStarterKnowledge } from '#core/knowledge/starter.ts';
import { readConfig } from '#core/platform/config.ts';
import type { Article, Language } from '#core/protocol/entities.ts';
import { type Question, readQuestions } from './questions.ts';

const usage = 'usage: npm run ask -- "text" | --file FILE|- [--column NAME] [--language de|en]';
const noticeAfterMs = 1000;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      file: { type: 'string' },
      column: { type: 'string' },
      language: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const { language } = values;
  if (language !== undefined && language !== 'de' && language !== 'en')
    throw new Error('--language must be de or en');
  const questions = values.file
    ? readQuestions(read(values.file), values.file, values.column)
    : [{ text: positionals.join(' ').trim() }];
  if (!values.file && questions[0]?.text === '')
    throw new Error(`there is no text to ask\n${usage}`);
  const articles = loadStarterKnowledge();
  const inference = await prepare(articles);
  try {
    for (const question of questions) {
      const line = await ask(question, articles, inference, language);
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  } finally {
    await inference.close();
  }
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function prepare(articles: Article[]): Promise<Inference> {
  const config = readConfig(process.env);
  const start = performance.now();
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  return learn({
    articles,
    dataDir: config.TRESEN_MODEL_DIR ?? config.TRESEN_DATA_DIR,
    clock: { elapsed: () => performance.now() },
    log: {
      info: (event, fields) => {
        const late = performance.now() - start > noticeAfterMs;
        if (event === 'the bot learns' || late) tell(`${event} ${JSON.stringify(fields ?? {})}`);
      },
      warn: tell,
    },
    onProgress: ({ done, of }) => tell(`read ${done} of ${of} examples`),
  });
}

async function ask(question: Question, articles: Article[], inference: Inference, page?: Language) {
  const start = performance.now();
  const { text, row } = question;
  const understanding = await inference.understand({ text, language: page });
  const byId = new Map(articles.map((article) => [article.id, article]));
  const turn = decideTurn({
    understanding,
    thresholds: inference.thresholds(),
    articles: (id) => byId.get(id),
    failures: 0,
  });
  const { language, confidence, candidates } = understanding;
  const first = candidates[0]?.intent;
  const shown =
    turn.decision === 'answer' ? turn.article : turn.decision === 'hand_over' ? undefined : first;
  return {
    text,
    language,
    decision: turn.decision,
    ...(turn.decision === 'hand_over' && { reason: turn.reason }),
    article: shown ?? null,
    title: shown === undefined ? null : (byId.get(shown)?.[language].title ?? null),
    confidence: rounded(confidence),
    candidates:
      turn.decision === 'ask_back'
        ? candidates.filter(({ intent }) => turn.candidates.includes(intent)).map(short)
        : candidates.map(short),
    ms: rounded(performance.now() - start),
    ...(row && { row }),
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const short = ({ intent, confidence }: { intent: string; confidence: number }) => ({
  intent,
  confidence: rounded(confidence),
});

main().catch((error: Error) => {
  process.stderr.write(`ask: ${error.message}\n`);
  process.exitCode = 1;
});
