/**
 * Is a database sound? SQLite's own checks, then ours: every conversation without a gap, and its
 * projection the fold of its events. Only reads; slow on purpose, so never part of a start.
 */
import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import { isBotDue, toEvent } from './conversations.ts';
import { explained, guardDatabase, isAtRest, isDamage, openPeek } from './sqlite-guards.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

export type Verdict = {
  /** Empty for a sound database; sentences without what people wrote. */
  problems: string[];
  version: number;
  /** Unknown when the pages are damaged. */
  counts?: Counts;
};

const COUNTED = ['conversations', 'events', 'contacts', 'agents', 'articles'] as const;
type Counts = Record<(typeof COUNTED)[number], number>;
/** One damaged page can concern thousands of rows; nobody reads more than these. */
const PROBLEMS_MAX = 10;
/** Between two reports of progress. */
const EVENTS_PER_REPORT = 20_000;

/**
 * @param file may be a running one; nothing is created beside a copy
 * @param onProgress told now and then how much of the events is folded, 0 to 1
 * @throws StartRefused when it is no database of Tresen or one of a newer version
 */
export function verifyDatabase(
  file: string,
  onProgress: (share: number) => void = () => undefined,
): Verdict {
  const version = guardDatabase(file, { newest: MIGRATIONS.length, isAlone: false });
  const db = openPeek(file, isAtRest(file));
  try {
    // One snapshot for all checks, while others may go on writing.
    db.exec('BEGIN');
    const damage = problemsOfSqlite(db);
    // On malformed pages the rest would only say the same again, or fail.
    if (damage.length > 0) return { problems: damage, version };
    const counts = Object.fromEntries(
      COUNTED.map((table) => [table, number(db, `SELECT count(*) AS n FROM ${table}`)]),
    ) as Counts;
    const report = (folded: number) => onProgress(folded / counts.events);
    const problems = [...problemsOfConversations(db), ...problemsOfProjections(db, report)];
    return { problems: problems.slice(0, PROBLEMS_MAX), version, counts };
  } catch (cause) {
    if (!isDamage(cause)) throw explained(file, cause);
    return { problems: [`SQLite cannot read it: ${cause.message}`], version };
  } finally {
    db.close();
  }
}

function problemsOfSqlite(db: DatabaseSync): string[] {
  const pages = db
    .prepare(`PRAGMA integrity_check(${PROBLEMS_MAX})`)
    .all()
    .map((row) => String(row['integrity_check']))
    .filter((line) => line !== 'ok');
  if (pages.length > 0) return pages;
  const keys = db
    .prepare('PRAGMA foreign_key_check')
    .all()
    .map((row) => `a row of ${row['table']} refers to a row of ${row['parent']} that is missing`);
  return keys.slice(0, PROBLEMS_MAX);
}

/** G3: `seq` runs from 1 to that of the projection, each once. */
function problemsOfConversations(db: DatabaseSync): string[] {
  const numbered = `SELECT conversation, count(*) AS n, min(seq) AS first, max(seq) AS last
    FROM events GROUP BY conversation`;
  const gaps = db
    .prepare(`SELECT c.id FROM conversations c LEFT JOIN (${numbered}) e ON e.conversation = c.id
      WHERE (e.n = c.seq AND e.first = 1 AND e.last = c.seq) IS NOT TRUE LIMIT ${PROBLEMS_MAX}`)
    .all()
    .map((row) => `the events of conversation ${row['id']} do not run from 1 to its last number`);
  const orphans = number(
    db,
    'SELECT count(*) AS n FROM events WHERE conversation NOT IN (SELECT id FROM conversations)',
  );
  return orphans === 0 ? gaps : [...gaps, `${orphans} events belong to no conversation`];
}

/** Replay equality: what is stored about a conversation is the fold of its events. */
function problemsOfProjections(db: DatabaseSync, report: (folded: number) => void): string[] {
  const projection = db.prepare('SELECT * FROM conversations WHERE id = ?');
  const problems: string[] = [];
  let state: ConversationState | undefined;
  let broken: string | undefined;
  let folded = 0;
  const finish = (): void => {
    if (state === undefined || problems.length >= PROBLEMS_MAX) return;
    const why = broken ?? differing(projection.get(state.id), state);
    if (why) problems.push(`conversation ${state.id}: ${why}`);
  };
  const rows = db.prepare(`SELECT conversation, seq, at, actor, cid, body FROM events
    ORDER BY conversation, seq`);
  for (const row of rows.iterate()) {
    if (state === undefined || row['conversation'] !== state.id) {
      finish();
      state = emptyState(String(row['conversation']));
      broken = undefined;
    }
    try {
      if (broken === undefined) state = apply(state, toEvent(row));
    } catch {
      broken = `its event ${row['seq']} is unreadable or cannot follow on the ones before`;
    }
    folded += 1;
    if (folded % EVENTS_PER_REPORT === 0) report(folded);
  }
  finish();
  return problems;
}

function differing(
  row: Record<string, unknown> | undefined,
  state: ConversationState,
): string | undefined {
  if (row === undefined) return 'it has events, but no row of its own';
  const columns = {
    contact: state.contact,
    seq: state.seq,
    status: state.status,
    owner: state.owner.kind,
    waiting_since: state.waitingSince ?? null,
    bot_due: isBotDue(state) ? 1 : 0,
    updated_at: state.updatedAt,
  };
  const wrong = Object.entries(columns).filter(([name, value]) => row[name] !== value);
  if (wrong.length > 0) return `${wrong.map(([name]) => name).join(', ')} differ from its events`;
  const stored: unknown = JSON.parse(String(row['state']));
  const isSame = isDeepStrictEqual(stored, JSON.parse(JSON.stringify(state)));
  return isSame ? undefined : 'its state is not what its events make of it';
}

const number = (db: DatabaseSync, sql: string): number => Number(db.prepare(sql).get()?.['n']);
