/**
 * Back after kill -9: a data folder with a million stored messages, a server under load on it, a
 * kill in the middle; timed from starting the next process to the first welcome and the first ack.
 * Limit: scenario S7 of the plan (1 s). The file cache is warm: a kill is no power cut.
 */
import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { databaseFile } from '#core/store/sqlite.ts';
import { signUpAgent } from '#test/support/server.ts';
import { generate } from './support/generate.ts';
import { writeHistory } from './support/history.ts';
import { allKept, type Line, linesTable } from './support/must.ts';
import { sleep } from './support/pace.ts';
import { freePort } from './support/peers.ts';
import { median } from './support/percentile.ts';
import {
  type Known,
  newId,
  openPerson,
  type Person,
  type SocketAddress,
} from './support/person.ts';
import { number, type Report } from './support/report.ts';
import { newDataDir, removeDataDir, startTresen, type Tresen } from './support/tresen.ts';

type Round = {
  welcomeMs: number;
  ackMs: number;
  walBytes: number;
  /** Acknowledged before the kill and not there after it. */
  lost: number;
};

const LIMIT_MS = 1_000;
const KNOCKS_EVERY_MS = 3;
const WITHIN_MS = 60_000;
const LOAD = { connections: 64, agents: 4, inFlight: 4, textLength: 200 };

export async function run(args: string[]): Promise<Report> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
    },
  });
  const messages = Number(values.messages);
  const dataDir = newDataDir();
  const onExit = (): void => removeDataDir(dataDir);
  process.once('exit', onExit);
  try {
    const began = performance.now();
    const stored = writeHistory(dataDir, messages);
    const builtMs = performance.now() - began;
    const bytes = statSync(databaseFile(dataDir)).size;
    const rounds = await crashes(dataDir, Number(values.rounds), Number(values.seconds) * 1_000);
    const worst = (key: keyof Round): number => Math.max(...rounds.map((round) => round[key]));
    const most = { bound: 'at most', kind: 'must' } as const;
    const lines: Line[] = [
      { ...most, what: 'first welcome, ms', limit: LIMIT_MS, value: middle(rounds, 'welcomeMs') },
      { ...most, what: 'first ack, ms', limit: LIMIT_MS, value: middle(rounds, 'ackMs') },
      { ...most, what: 'acknowledged and lost', limit: 0, value: worst('lost') },
    ];
    return {
      title: `recovery: after kill -9 with ${stored} messages stored`,
      tables: [
        {
          columns: ['ms since the process was started', 'median', 'worst'],
          rows: (['welcomeMs', 'ackMs'] as const).map((key) => [
            key === 'welcomeMs' ? 'first welcome' : 'first ack',
            number(middle(rounds, key)),
            number(worst(key)),
          ]),
        },
        linesTable(lines),
      ],
      notes: [
        `${rounds.length} kills, each after ${values.seconds} s of load of ${LOAD.connections} × ` +
          `${LOAD.inFlight}; database ${number(bytes / 1e6)} MB, WAL at the kill up to ` +
          `${number(worst('walBytes') / 1e6)} MB; ws; node core/main.ts, file cache warm.`,
        `The history was written in ${number(builtMs / 1_000)} s with core’s own statements.`,
      ],
      figures: { messages: stored, builtMs, bytes, rounds, lines },
      isPassed: allKept(lines),
    };
  } finally {
    process.off('exit', onExit);
    removeDataDir(dataDir);
  }
}

const middle = (rounds: readonly Round[], key: keyof Round): number =>
  median(rounds.map((round) => round[key]));

async function crashes(dataDir: string, count: number, loadMs: number): Promise<Round[]> {
  const port = await freePort();
  const start = () => startTresen({ socket: 'ws', untilBot: false, dataDir, port });
  const rounds: Round[] = [];
  let tresen: Tresen = await start();
  try {
    const { cookie } = await signUpAgent(tresen);
    for (let i = 0; i < count; i++) {
      const witness = await chat(tresen.at);
      await underLoad(tresen, cookie, loadMs, witness);
      const wal = `${databaseFile(dataDir)}-wal`;
      const walBytes = existsSync(wal) ? statSync(wal).size : 0;
      const started = performance.now();
      const starting = start();
      const back = await comeBack(tresen.at, witness, started);
      tresen = await starting;
      rounds.push({ ...back, walBytes });
    }
  } finally {
    await tresen.stop();
  }
  return rounds;
}

/** A contact whom the next process must know again. */
type Witness = { contact: Person; conversation: string; known: Known; acked: number };

async function chat(at: SocketAddress): Promise<Witness> {
  const contact = await openPerson(at);
  const conversation = newId();
  await contact.command({ type: 'conversation.open', conversation, language: 'de' });
  await contact.command({ type: 'human.request', conversation });
  const { welcome } = contact;
  const token = welcome.contact?.token ?? '';
  const known = { token, epoch: welcome.epoch, resume: { [conversation]: 0 } };
  return { contact, conversation, known, acked: 0 };
}

/** Kills the server in the middle of the load, while the witness is writing. */
async function underLoad(
  tresen: Tresen,
  cookie: string,
  loadMs: number,
  witness: Witness,
): Promise<void> {
  const { contact, conversation } = witness;
  const window = { warmUpMs: 0, measureMs: WITHIN_MS };
  let hasBegun = false;
  const load = generate(
    { load: 'durable', at: tresen.at, cookie, ...LOAD, ...window },
    undefined,
    () => {
      hasBegun = true;
    },
  ).then(
    () => 'ended by itself',
    () => 'cut off',
  );
  while (!hasBegun) await sleep(KNOCKS_EVERY_MS);
  const end = performance.now() + loadMs;
  while (performance.now() < end) {
    const text = `Nummer ${witness.acked}`;
    const ack = await contact.command({ type: 'message.send', conversation, text });
    if (ack.t === 'ack') witness.acked = ack.seq;
  }
  contact.close();
  await tresen.kill9();
  if ((await load) !== 'cut off') throw new Error('the load had ended before the kill');
}

async function comeBack(
  at: SocketAddress,
  witness: Witness,
  started: number,
): Promise<Pick<Round, 'welcomeMs' | 'ackMs' | 'lost'>> {
  const contact = await knock(at, witness.known, started);
  const welcomeMs = performance.now() - started;
  const { conversation } = witness;
  const text = 'Da bin ich wieder.';
  const ack: ServerFrame = await contact.command({ type: 'message.send', conversation, text });
  const ackMs = performance.now() - started;
  contact.close();
  const next = ack.t === 'ack' ? ack.seq : 0;
  return { welcomeMs, ackMs, lost: Math.max(0, witness.acked + 1 - next) };
}

/** Connects again and again until somebody is there. */
async function knock(at: SocketAddress, known: Known, started: number): Promise<Person> {
  for (;;) {
    try {
      return await openPerson(at, undefined, known);
    } catch (error) {
      if (performance.now() - started > WITHIN_MS) throw error;
      await sleep(KNOCKS_EVERY_MS);
    }
  }
}
