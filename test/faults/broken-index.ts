/**
 * F16: files of the LanceDB index are cut, flipped and deleted, while the bot runs and between two
 * starts. The index is derived: the process lives, people chat on, every turn of the bot ends in an
 * answer or with a person, and after the next start the bot answers as before.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENDPOINTS } from '#core/protocol/endpoints.ts';
import { connect, newId } from '#test/support/client.ts';
import { startServer } from '#test/support/server.ts';
import { seeded } from '../../bench/support/random.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial, type Trial } from './support/trial.ts';

const ROOT = join(import.meta.dirname, '../..');
const FULL_ROUNDS = 3;
const GOES_ON = 100;
const TURN_WITHIN_MS = 20_000;
const RUNS_WITHIN_MS = 300_000;
/** Sure and unsure ones: only the unsure look into the index. */
const QUESTIONS = [
  'Wo bleibt mein Paket?',
  'Wie kann ich etwas zurückschicken?',
  'Geht das auch mit dem anderen Ding von neulich?',
  'Kann ich das später noch ändern oder ist es dann schon weg?',
  'Meine Tante sagt, bei euch gäbe es etwas mit Punkten?',
  'Was mache ich, wenn es nicht passt und der Karton kaputt ist?',
];

type Chance = () => number;
type Damage = 'cut' | 'flipped' | 'deleted' | 'removed';
const DAMAGES: readonly Damage[] = ['cut', 'flipped', 'deleted', 'removed'];

export const fault: Fault = {
  id: 'F16',
  title: 'broken index',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const chance = seeded(seed);
    const tally = createTally();
    for (let round = 0; round < (full ? FULL_ROUNDS : 1) || tally.acked() < messages; round++) {
      const modelDir = mkdtempSync(join(tmpdir(), 'tresen-index-'));
      const model = await copyModel(modelDir);
      const index = join(modelDir, 'index', model);
      const trial = await startTrial({
        seed: Math.floor(chance() * 2 ** 31),
        contacts: 12,
        server: { untilBot: true, env: { TRESEN_MODEL_DIR: modelDir } },
      });
      try {
        const answers = await askAll(trial);
        for (let i = 0; i < (full ? DAMAGES.length : 1); i++) {
          const kinds = [kindAt(seed + round + i), kindAt(seed + round + i + 1)] as const;
          await breakTwice(trial, index, kinds, { answers, chance, tally });
        }
        await trial.fleet.untilAcked(messages - tally.acked(), RUNS_WITHIN_MS);
        tally.add(await trial.judge());
      } finally {
        await trial.end();
        rmSync(modelDir, { recursive: true, force: true });
      }
      say(`round ${round + 1}, ${tally.acked()} acked`);
    }
    return tally.outcome('cut, flipped, deleted, while running and between starts; rebuilt');
  },
};

/** Only what this knowledge needs, trained first where nobody has yet. @returns its id */
async function copyModel(into: string): Promise<string> {
  const server = await startServer();
  const { model } = (await (await fetch(`${server.url}${ENDPOINTS.health}`)).json()) as {
    model: string;
  };
  await server.stop();
  for (const part of ['model', 'index']) {
    const from = join(ROOT, '.cache/test-model', part, model);
    cpSync(from, join(into, part, model), { recursive: true });
  }
  return model;
}

const kindAt = (i: number): Damage => DAMAGES[i % DAMAGES.length] as Damage;

/** Once under the running bot, and once more while no process has the files open. */
async function breakTwice(
  trial: Trial,
  index: string,
  [running, between]: readonly [Damage, Damage],
  { answers, chance, tally }: { answers: readonly string[]; chance: Chance; tally: Tally },
): Promise<void> {
  const acked = trial.history.acked();
  breakFiles(index, running, chance);
  tally.struck();
  const meanwhile = await askAll(trial);
  tally.must(`${running} while running: every turn ends`, meanwhile.length === answers.length);
  await trial.fleet.untilAcked(acked + GOES_ON, RUNS_WITHIN_MS);
  const { exitCode, signalCode } = trial.server().child;
  tally.must(`${running} while running: the process lives`, (exitCode ?? signalCode) === null);
  await trial.server().kill9();
  breakFiles(index, between, chance);
  tally.struck();
  tally.recovered(await trial.restart());
  const health = await fetch(`${trial.server().url}${ENDPOINTS.health}`);
  const { bot } = (await health.json()) as { bot: string };
  tally.must(`${between} before the start: the bot is ready (${bot})`, bot === 'ready');
  const again = await askAll(trial);
  const changed = again.filter((answer, i) => answer !== answers[i]);
  tally.must(`${between}: answers as before, not ${changed.join('; ')}`, changed.length === 0);
}

function breakFiles(index: string, damage: Damage, chance: Chance): void {
  if (damage === 'removed') {
    rmSync(index, { recursive: true, force: true });
    return;
  }
  // Removed while it ran, and not built again yet: nothing is left to break.
  if (!existsSync(index)) return;
  const files = readdirSync(index, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const { size } = statSync(file);
    if (damage === 'deleted') rmSync(file);
    if (damage === 'cut') truncateSync(file, Math.floor(chance() * size));
    if (damage !== 'flipped') continue;
    const bytes = readFileSync(file);
    const flips = 1 + Math.floor(size / 1_000);
    for (let i = 0; i < flips; i++) {
      const at = Math.floor(chance() * size);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
    }
    writeFileSync(file, bytes);
  }
}

const askAll = async (trial: Trial): Promise<string[]> => {
  const answers: string[] = [];
  for (const question of QUESTIONS) answers.push(await ask(trial, question));
  return answers;
};

/** @returns what the bot made of it: the article it answered from, its choices, or the hand-over */
async function ask({ server, history }: Trial, text: string): Promise<string> {
  const client = await connect(server().url, { as: 'contact' });
  try {
    const conversation = newId();
    await client.command({ type: 'conversation.open', conversation, language: 'de' });
    const cid = newId();
    history.invoke({ cid, conversation, sender: 'asker', kind: 'message.sent', text });
    const sent = await client.command({ type: 'message.send', conversation, text }, cid);
    if (sent.t !== 'ack') throw new Error(`refused as ${sent.code}`);
    history.ok(cid, conversation, sent.seq);
    const reply = await client.untilEvent(
      conversation,
      ({ seq, by, body }) =>
        seq > sent.seq &&
        (body.type === 'handover.requested' || (body.type === 'message.sent' && by.kind === 'bot')),
      'turn of the bot',
      TURN_WITHIN_MS,
    );
    if (reply.body.type === 'handover.requested') return 'hand-over';
    if (reply.body.type !== 'message.sent') return reply.body.type;
    const { bot, choices = [] } = reply.body;
    return bot?.article ?? `asks ${choices.map((choice) => choice.label).join(' / ')}`;
  } finally {
    client.close();
  }
}
