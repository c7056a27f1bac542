/**
 * A process of its own that writes numbered rows into a SQLite file, one commit each, and prints
 * each number after its COMMIT: the yardstick that shows whether the power-cut shim sees losses.
 * `node row-writer.ts <file> FULL|NORMAL`
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const [file = '', synchronous = 'FULL'] = process.argv.slice(2);
const db = new DatabaseSync(file);
db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${synchronous};
  CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, words TEXT)`);
const insert = db.prepare('INSERT INTO rows VALUES (?, ?)');
const last = db.prepare('SELECT max(n) AS n FROM rows').get()?.['n'];
for (let n = Number(last ?? 0) + 1; ; n++) {
  insert.run(n, `row ${n} of a table that a power cut may shorten`);
  writeSync(1, `${n}\n`);
}
