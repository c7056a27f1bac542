/**
 * Databases of released schemas as SQL text: written out once per release, loaded by the tests
 * that bring them to today's version.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const FOLDER = join(import.meta.dirname, '../fixtures/databases');

export const fixtureFile = (version: number): string => join(FOLDER, `v${version}.sql`);
export const hasFixture = (version: number): boolean => existsSync(fixtureFile(version));

/** Creates `file` as the Tresen of that schema left it after an orderly stop. */
export function loadFixture(version: number, file: string): void {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode=WAL;\n${readFileSync(fixtureFile(version), 'utf8')}`);
  db.close();
}

/** The database as SQL text, in an order that a database can be filled in. */
export function dumpDatabase(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const schema = db
    .prepare('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
    .all();
  const lines = [
    'BEGIN;',
    `PRAGMA user_version=${pragma('user_version')};`,
    `PRAGMA application_id=${pragma('application_id')};`,
    ...schema.map(({ sql }) => `${sql};`),
  ];
  // In the order of creation: a row that another one refers to comes first.
  for (const { name } of schema.filter(({ type }) => type === 'table')) {
    for (const row of db.prepare(`SELECT * FROM ${name}`).all()) {
      lines.push(`INSERT INTO ${name} VALUES (${Object.values(row).map(literal).join(', ')});`);
    }
  }
  db.close();
  return `${[...lines, 'COMMIT;'].join('\n')}\n`;
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return `'${String(value).replaceAll("'", "''")}'`;
}

/** Every row of every table, for comparing a database before and after. */
export function contentOf(file: string): Record<string, unknown[]> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    return Object.fromEntries(
      tables.map(({ name }) => [name, db.prepare(`SELECT * FROM ${name}`).all()]),
    );
  } finally {
    db.close();
  }
}
