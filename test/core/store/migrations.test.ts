/**
 * Migrations: what an earlier release stored is read, replayed and written on by this one, and a
 * kill -9 inside a step leaves a database of the version before or of the one after.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#core/platform/clock.ts';
import { createMetrics } from '#core/platform/metrics.ts';
import { systemRandom } from '#core/platform/random.ts';
import { apply } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { migrate } from '#core/store/sqlite.ts';
import { APPLICATION_ID, StartRefused } from '#core/store/sqlite-guards.ts';
import { MIGRATIONS } from '#core/store/sqlite-schema.ts';
import { verifyDatabase } from '#core/store/sqlite-verify.ts';
import { openStore } from '#core/store/store.ts';
import { contentOf, hasFixture, loadFixture } from '#test/support/databases.ts';

const RELEASED = MIGRATIONS.slice(0, -1).map((_, i) => i + 1);

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tresen-migrate-'));
  file = join(dataDir, 'tresen.db');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = () =>
  openStore({
    dataDir,
    clock: systemClock,
    random: systemRandom,
    metrics: createMetrics(),
    onFatal: (code) => {
      throw new Error(`the writer gave up: ${code}`);
    },
  });

const pragma = (name: string): unknown => {
  const db = new DatabaseSync(file, { readOnly: true });
  const value = Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  db.close();
  return value;
};

it('there is a database of every schema before the newest', () => {
  // Missing: check the release out and run test/fixtures/databases/make.ts there.
  expect(RELEASED.filter((version) => !hasFixture(version))).toEqual([]);
});

describe.each(RELEASED)('a database of schema %i', (version) => {
  it('is brought to the newest with every row as it was', () => {
    loadFixture(version, file);
    const before = contentOf(file);
    migrate(file);
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    expect(pragma('application_id')).toBe(APPLICATION_ID);
    const after = contentOf(file);
    for (const [table, rows] of Object.entries(before)) expect(after[table]).toEqual(rows);
  });

  it('is read, replayed and written on', async () => {
    loadFixture(version, file);
    const rows = contentOf(file);
    const [signIn] = rows['sign_ins'] as { token_hash: string; expires_at: number }[];
    const store = await open();
    expect(store.articles.all()).toHaveLength(rows['articles']?.length ?? 0);
    expect(store.articles.cannedResponses().length).toBeGreaterThan(0);
    const agent = store.agents.byEmail('anna@example.com');
    expect(
      store.agents.bySignIn(signIn?.token_hash ?? '', (signIn?.expires_at ?? 0) - 1),
    ).toMatchObject({ agent: { id: agent?.id } });
    expect(store.conversations.waiting()).toBe(1);
    const [due] = store.conversations.botDue();
    const state = store.conversations.state(due ?? '');
    if (state === undefined) throw new Error('no conversation in which the bot owes a reply');
    const event: StoredEvent = {
      conversation: state.id,
      seq: state.seq + 1,
      at: state.updatedAt + 1,
      by: { kind: 'contact', id: state.contact },
      cid: 'after the migration',
      body: { type: 'message.sent', text: 'Noch da?' },
    };
    const unit = {
      before: state,
      state: apply(state, event),
      events: [event],
      commandHash: 'hash',
    };
    expect(await store.conversations.commit(unit)).toBe('done');
    expect(store.conversations.eventsAfter(state.id, state.seq, 5)).toEqual([event]);
    await store.close();
    const verdict = verifyDatabase(file);
    expect(verdict).toMatchObject({ problems: [], version: MIGRATIONS.length });
    expect(verdict.counts?.events).toBe((rows['events']?.length ?? 0) + 1);
  });
});

/** Slow enough to be hit: a column filled for many rows, then a table built from them. */
const SLOW_STEPS = [
  'ALTER TABLE contacts ADD COLUMN note TEXT; UPDATE contacts SET note = hex(zeroblob(200))',
  'CREATE TABLE copies (id TEXT, note TEXT) STRICT; INSERT INTO copies SELECT id, note FROM contacts',
  'CREATE INDEX copies_id ON copies (id, note)',
];
const STEPS = [...MIGRATIONS, ...SLOW_STEPS];
const CONTACTS = 8_000;
const KILLS = 8;

describe('a migration that does not come to its end', () => {
  function loadLarge(): void {
    loadFixture(1, file);
    const db = new DatabaseSync(file);
    db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${CONTACTS})
      INSERT INTO contacts SELECT 'c' || i, 'h' || i, 'de', i FROM n`);
    db.close();
  }

  const textOf = (content: object): string => JSON.stringify(content);

  /** @returns milliseconds from the first step to the end, or to the kill */
  async function migrateInProcess(killAfterMs?: number): Promise<number> {
    const script = `import { migrate } from '#core/store/sqlite.ts';
      process.stdout.write('now');
      migrate(${JSON.stringify(file)}, ${JSON.stringify(STEPS)});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const started = performance.now();
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await ended;
    clearTimeout(timer);
    return performance.now() - started;
  }

  it('F1: kill -9 at any moment leaves the version before or after a step, whole', async () => {
    loadLarge();
    const large = join(dataDir, 'large.db');
    copyFileSync(file, large);
    const takes = await migrateInProcess();
    const expected = textOf(contentOf(file));
    const stoppedAt = new Map<unknown, number>();
    for (let kill = 0; kill < KILLS; kill++) {
      for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
      copyFileSync(large, file);
      await migrateInProcess((takes * (kill + 0.5)) / KILLS);
      const version = Number(pragma('user_version'));
      stoppedAt.set(version, (stoppedAt.get(version) ?? 0) + 1);
      // The n-th slow step leads to version MIGRATIONS.length + n: all of it is there, or nothing.
      const isPast = (step: number) => version >= MIGRATIONS.length + step;
      const { contacts = [], copies } = contentOf(file) as Record<string, { note?: string }[]>;
      expect(contacts.filter(({ note }) => note)).toHaveLength(isPast(1) ? contacts.length : 0);
      expect(copies?.length).toBe(isPast(2) ? contacts.length : undefined);
      migrate(file, STEPS);
      expect(pragma('user_version')).toBe(STEPS.length);
      expect(pragma('integrity_check')).toBe('ok');
      expect(textOf(contentOf(file)) === expected, `the same rows after kill ${kill}`).toBe(true);
    }
    // Shows that the kills hit the middle, not only before and after.
    expect([...stoppedAt.keys()].filter((v) => v !== STEPS.length).length).toBeGreaterThan(0);
  }, 60_000);

  it('a change that was cut off before WAL was on is undone, and the start goes on (G7)', () => {
    const begun = join(dataDir, 'begun.db');
    loadFixture(1, begun);
    const db = new DatabaseSync(begun);
    const rows = contentOf(begun);
    // A journal that lies beside a changed file is what a kill -9 leaves.
    db.exec('PRAGMA journal_mode=DELETE; PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN');
    db.exec("UPDATE articles SET content = content || hex(zeroblob(4000)), kind = 'cut off'");
    copyFileSync(begun, file);
    copyFileSync(`${begun}-journal`, `${file}-journal`);
    db.exec('ROLLBACK');
    db.close();
    expect(statSync(`${file}-journal`).size).toBeGreaterThan(0);
    migrate(file);
    expect(pragma('integrity_check')).toBe('ok');
    expect(contentOf(file)).toEqual(rows);
  });

  it('a step that fails leaves the version before, and says which', () => {
    loadFixture(1, file);
    const broken = [...MIGRATIONS, 'CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)'];
    expect(() => migrate(file, broken)).toThrow(StartRefused);
    expect(() => migrate(file, broken)).toThrow(/from version 2 to 3: no such table: nowhere/);
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    expect(contentOf(file)['half']).toBeUndefined();
  });
});
