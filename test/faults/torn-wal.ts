/**
 * F3: the WAL of a killed server is cut at every kind of place and its tail has flipped bits. On
 * each such folder a server must either start with a beginning of every conversation, whole and
 * without a gap, or refuse in a sentence. What a cut takes away was fsynced: losing it is beyond
 * any promise and counted in the remark; mixing it up is not allowed.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ENDPOINTS } from '#core/protocol/endpoints.ts';
import { type Server, startServer } from '#test/support/server.ts';
import { seeded } from '../../bench/support/random.ts';
import { checkAlone } from './support/check.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { startTrial } from './support/trial.ts';
import { type Events, readDatabase, readOverProtocol } from './support/truth.ts';

const ROUNDS_FULL = 4;
const VARIANTS = 6;
const VARIANTS_FULL = 24;
const RUNS_WITHIN_MS = 600_000;
const PAGE_BYTES = 4_096;
const WAL_HEADER_BYTES = 32;
/** A page and its own header. */
const FRAME_BYTES = 24 + PAGE_BYTES;
/** Flips hit the last part of the file, where frames are newest. */
const TAIL_BYTES = 64 * 1_024;
const FLIPS_MAX = 8;
const WAL = 'tresen.db-wal';

const SERVER = { untilBot: false, env: { TRESEN_RATE_LIMITS: 'off' } };
const REFUSAL = /Tresen cannot start: .+/;

/** `stored`: events in the folder before; `gone`: how many of them the damage took away. */
type Result = { isRefused: boolean; gone: number; stored: number };
type Chance = () => number;
/** Damages the WAL in this folder; @returns what was done, in words */
type Damage = (wal: string, chance: Chance) => string;

const cutTo = (wal: string, size: number): string => {
  truncateSync(wal, size);
  return `cut to ${size} bytes`;
};

/** A WAL is used again from its start: frames of the last round carry the header's salt. */
function newestEnd(wal: string): number {
  const bytes = readFileSync(wal);
  const salt = bytes.subarray(16, 24);
  let at = WAL_HEADER_BYTES;
  while (at + FRAME_BYTES <= bytes.length && bytes.subarray(at + 8, at + 16).equals(salt)) {
    at += FRAME_BYTES;
  }
  return at;
}

const DAMAGES: readonly Damage[] = [
  (wal, chance) => {
    const frames = (newestEnd(wal) - WAL_HEADER_BYTES) / FRAME_BYTES;
    return cutTo(wal, WAL_HEADER_BYTES + Math.floor(chance() * frames) * FRAME_BYTES);
  },
  (wal, chance) => cutTo(wal, Math.floor((chance() * newestEnd(wal)) / PAGE_BYTES) * PAGE_BYTES),
  (wal, chance) => cutTo(wal, Math.floor(chance() * newestEnd(wal))),
  (wal, chance) => {
    const bytes = readFileSync(wal);
    const end = newestEnd(wal);
    const flips = 1 + Math.floor(chance() * FLIPS_MAX);
    for (let i = 0; i < flips; i++) {
      const at = end - 1 - Math.floor(chance() * Math.min(TAIL_BYTES, end));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
    }
    writeFileSync(wal, bytes);
    return `${flips} bits flipped in the newest ${TAIL_BYTES} bytes`;
  },
  (wal, chance) => {
    const bytes = readFileSync(wal);
    const at = Math.floor(chance() * WAL_HEADER_BYTES);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(chance() * 255));
    writeFileSync(wal, bytes);
    return `another byte ${at} in the header`;
  },
  (wal) => cutTo(wal, 0),
];

export const fault: Fault = {
  id: 'F3',
  title: 'torn WAL',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const chance = seeded(seed);
    const tally = createTally();
    const rounds = full ? ROUNDS_FULL : 1;
    const variants = full ? VARIANTS_FULL : VARIANTS;
    const results: Result[] = [];
    for (let round = 0; round < rounds || tally.acked() < messages; round++) {
      const trial = await startTrial({ seed: Math.floor(chance() * 2 ** 31) });
      const copies = mkdtempSync(join(tmpdir(), 'tresen-torn-'));
      try {
        await trial.fleet.untilAcked(Math.ceil(messages / rounds), RUNS_WITHIN_MS);
        await trial.server().kill9();
        const folders = copiesOf(trial.dataDir, copies, variants);
        tally.recovered(await trial.restart());
        tally.add(await trial.judge());
        results.push(...(await tearAll(folders, trial.cookies[0] ?? '', chance, tally)));
      } finally {
        await trial.end();
        rmSync(copies, { recursive: true, force: true });
      }
      say(`round ${round + 1}, ${tally.acked()} acked, ${results.length} torn folders`);
    }
    const gone = results.reduce((sum, result) => sum + result.gone, 0);
    const stored = results.reduce((sum, result) => sum + result.stored, 0);
    const refused = results.filter((result) => result.isRefused).length;
    tally.must('some of the cuts took something away', gone > 0 || refused > 0);
    return tally.outcome(
      `${results.length} torn folders: ${refused} refused, the rest whole up to the cut ` +
        `(${gone} of ${stored} fsynced events were cut away)`,
    );
  },
};

/** @returns the folders: first an untouched one, then one per variant */
function copiesOf(dataDir: string, into: string, variants: number): string[] {
  return Array.from({ length: variants + 1 }, (_, i) => {
    const folder = join(into, String(i));
    cpSync(dataDir, folder, { recursive: true });
    return folder;
  });
}

async function tearAll(
  [untouched = '', ...folders]: readonly string[],
  cookie: string,
  chance: Chance,
  tally: Tally,
): Promise<Result[]> {
  const whole = readDatabase(untouched).events;
  const stored = [...whole.values()].reduce((sum, events) => sum + events.length, 0);
  const results: Result[] = [];
  for (const [i, folder] of folders.entries()) {
    const damage = DAMAGES[i % DAMAGES.length] as Damage;
    const what = damage(join(folder, WAL), chance);
    tally.struck();
    const started = await startServer({ dataDir: folder, ...SERVER }).catch(String);
    if (typeof started === 'string') {
      tally.must(`${what}: refused in a sentence: ${started}`, REFUSAL.test(started));
      results.push({ isRefused: true, gone: 0, stored });
    } else {
      const gone = await compare(started, cookie, whole, what, tally);
      results.push({ isRefused: false, gone, stored });
    }
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/**
 * Every conversation is a beginning of what it was, whole in itself, and shown as it is stored.
 * @returns how many events are gone
 */
async function compare(
  server: Server,
  cookie: string,
  whole: Events,
  what: string,
  tally: Tally,
): Promise<number> {
  try {
    const stored = readDatabase(server.dataDir);
    const lengths = new Map([...stored.events].map(([id, events]) => [id, events.length]));
    const me = await fetch(`${server.url}${ENDPOINTS.me}`, { headers: { cookie } });
    // Cut off early enough, the sign-in is gone as well, and nobody may read.
    const shown = me.ok ? await readOverProtocol(server.url, cookie, lengths) : undefined;
    tally.add(checkAlone(stored, shown));
    const isBeginning = [...stored.events].every(([id, events]) =>
      events.every((event, i) => isDeepStrictEqual(event, whole.get(id)?.[i])),
    );
    tally.must(`${what}: a beginning of every conversation`, isBeginning);
    const count = (events: Events): number =>
      [...events.values()].reduce((sum, all) => sum + all.length, 0);
    return count(whole) - count(stored.events);
  } finally {
    await server.kill9();
  }
}
