/**
 * From starting the process to the first page, the ready bot and its first answer to a contact who
 * writes as soon as he can: on a fresh data folder (the bot learns) and on the same folder again.
 * By `npm start` as people do it, and by `node core/main.ts` as a container does.
 */
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { parseArgs } from 'node:util';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { startArguments } from '#test/support/start-flags.ts';
import { sleep } from './support/pace.ts';
import { freePort } from './support/peers.ts';
import { medianOf } from './support/percentile.ts';
import { commandText, newId, openPerson } from './support/person.ts';
import { number, type Report } from './support/report.ts';
import { newDataDir, plainEnvironment, ROOT, removeDataDir } from './support/tresen.ts';

const FIGURES = ['httpMs', 'readyMs', 'answerMs'] as const;
type Figures = Record<(typeof FIGURES)[number], number>;
type Start = Figures & { answered: string };
type Row = { command: string; start: 'first' | 'second'; rounds: Start[] };

const COMMANDS: Record<string, [program: string, ...args: string[]]> = {
  'npm start': ['npm', 'start'],
  'node core/main.ts': [process.execPath, ...startArguments()],
};
const WITHIN_MS = 180_000;
const LOOKS_EVERY_MS = 4;
const SETTINGS = {
  TRESEN_SOCKET: 'ws',
  TRESEN_LOG_LEVEL: 'warn',
  npm_config_loglevel: 'error',
};
const QUESTION = 'Wie lange dauert die Lieferung?';

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '3' } },
  });
  const rows: Row[] = Object.keys(COMMANDS).flatMap((command) => [
    { command, start: 'first', rounds: [] },
    { command, start: 'second', rounds: [] },
  ]);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const command of Object.keys(COMMANDS)) {
      const dataDir = newDataDir();
      const onExit = (): void => removeDataDir(dataDir);
      process.once('exit', onExit);
      for (const row of rows.filter((each) => each.command === command)) {
        row.rounds.push(await startOnce(command, dataDir));
      }
      process.off('exit', onExit);
      removeDataDir(dataDir);
    }
  }
  const answers = rows.flatMap((row) => row.rounds.map((round) => round.answered));
  const unhelped = answers.filter((answered) => answered !== 'article').length;
  return {
    title: 'start: from starting the process to the first answer',
    tables: [
      {
        columns: ['command', 'data folder', 'first HTTP 200', 'bot ready', 'first answer'],
        rows: rows.map(({ command, start, rounds }) => {
          const m = medianOf(rounds, FIGURES);
          const folder = start === 'first' ? 'fresh' : 'as left';
          return [command, folder, ...FIGURES.map((key) => number(m[key]))];
        }),
      },
    ],
    notes: [
      `Milliseconds since the process was started; medians of ${values.rounds} rounds.`,
      'A fresh folder has no model: the bot learns before it answers; a question that comes ' +
        'earlier is stored, acknowledged and answered then.',
      'The browser apps were built before; the file cache is warm.',
      `${unhelped} of ${answers.length} first questions were not answered from an article.`,
    ],
    figures: rows,
    isPassed: unhelped === 0,
  };
}

async function startOnce(command: string, dataDir: string): Promise<Start> {
  const [program, ...args] = COMMANDS[command] ?? ['false'];
  const port = await freePort();
  const started = performance.now();
  const since = (): number => performance.now() - started;
  const child = spawn(program, args, {
    cwd: ROOT,
    env: plainEnvironment({ TRESEN_DATA_DIR: dataDir, TRESEN_PORT: String(port), ...SETTINGS }),
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process group of its own: npm does not pass signals on to the end.
    detached: true,
  });
  /** @returns false when nothing of the group is left; npm may end before the server has. */
  const tell = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const onExit = (): boolean => tell('SIGKILL');
  process.once('exit', onExit);
  try {
    const ready = within(botReady(child.stdout, since), 'ready bot');
    const httpMs = await within(firstPage(port, since), 'HTTP 200');
    const { answerMs, answered } = await within(firstAnswer(port, since), 'answer');
    return { httpMs, readyMs: await ready, answerMs, answered };
  } finally {
    tell('SIGTERM');
    while (tell(0)) await sleep(LOOKS_EVERY_MS);
    process.off('exit', onExit);
  }
}

async function firstPage(port: number, since: () => number): Promise<number> {
  const url = `http://127.0.0.1:${port}/api/health`;
  const status = (): Promise<number> =>
    new Promise((resolve) => {
      get(url, (response) => resolve(response.resume().statusCode ?? 0)).on('error', () =>
        resolve(0),
      );
    });
  while ((await status()) !== 200) await sleep(LOOKS_EVERY_MS);
  return since();
}

function botReady(output: NodeJS.ReadableStream, since: () => number): Promise<number> {
  let text = '';
  return new Promise((resolve, reject) => {
    output.on('data', (chunk) => {
      text += chunk;
      const found = /Bot: +(\w+)/.exec(text)?.[1];
      if (found === 'ready') resolve(since());
      else if (found !== undefined) reject(new Error(`the bot is ${found}:\n${text}`));
    });
    output.on('end', () => reject(new Error(`the server ended:\n${text}`)));
  });
}

/** A contact who connects and asks at the first opportunity. */
async function firstAnswer(
  port: number,
  since: () => number,
): Promise<{ answerMs: number; answered: string }> {
  const contact = await openPerson({ port, path: '/socket' });
  const conversation = newId();
  const cid = newId();
  await contact.command({ type: 'conversation.open', conversation, language: 'de' });
  const answer = new Promise<{ answerMs: number; answered: string }>((resolve) => {
    let asked = Number.POSITIVE_INFINITY;
    contact.listen((payload) => {
      const frame = JSON.parse(payload.toString()) as ServerFrame;
      if (frame.t !== 'events') return;
      for (const { cid: id, seq, by, body } of frame.events) {
        if (id === cid) asked = seq;
        if (body.type !== 'message.sent' || by.kind !== 'bot' || seq < asked) continue;
        resolve({ answerMs: since(), answered: body.bot?.article ? 'article' : 'otherwise' });
      }
    });
  });
  contact.send(commandText(cid, { type: 'message.send', conversation, text: QUESTION }));
  return answer.finally(contact.close);
}

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} in time`)), WITHIN_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
