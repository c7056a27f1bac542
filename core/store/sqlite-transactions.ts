/**
 * Group commit on one connection: all writes handed in are one transaction and one fsync, then all
 * answers. Used by the writer thread; runs on the calling thread and knows no other.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Batch } from './batch.ts';
import type { Value } from './sqlite.ts';

export type WriteResult = 'done' | 'conflict' | 'failed';

/** What became of the writes of one transaction; `ms` is how long it took, fsync included. */
export type Settled = { done: number[]; not: { id: number; result: WriteResult }[]; ms: number };

/** The disk cannot be trusted any more (SQLite result code): no answer may follow. */
export type Fatal = { fatal: number };

/** One write: where it begins in `cells`, and whether a later statement may undo earlier ones. */
type Place = { cells: Value[]; at: number; mayUndo: boolean };

/**
 * IOERR 10, CORRUPT 11, READONLY 8, CANTOPEN 14, NOTADB 26 (primary codes). Not FULL 13: that is
 * rolled back cleanly, refused, and works again when there is room (G8).
 */
const DISK_TROUBLE = new Set([8, 10, 11, 14, 26]);

/** @param elapsed milliseconds since some fixed moment */
export function createTransactions(db: DatabaseSync, elapsed: () => number) {
  const prepared: StatementSync[] = [];
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');

  /** @returns one `Settled` for all, or one each when a write is poison; after `Fatal` nothing */
  function run(batches: readonly Batch[]): (Settled | Fatal)[] {
    const places = batches.flatMap(unpack);
    try {
      return [transaction(places)];
    } catch (error) {
      return oneByOne(places, error);
    }
  }

  function unpack({ texts, cells }: Batch): Place[] {
    for (const [number, sql] of texts) prepared[number] = db.prepare(sql);
    const places: Place[] = [];
    for (let next = 0; next < cells.length; ) {
      const place = { cells, at: next, mayUndo: false };
      const statements = Number(cells[next + 1]);
      next += 2;
      for (let i = 0; i < statements; i++) {
        place.mayUndo ||= i > 0 && cells[next + 1] === 1;
        next += 3 + Number(cells[next + 2]);
      }
      places.push(place);
    }
    return places;
  }

  function transaction(places: readonly Place[]): Settled {
    const started = elapsed();
    const settled: Settled = { done: [], not: [], ms: 0 };
    begin.run();
    try {
      for (const place of places) {
        if (write(place)) settled.done.push(idOf(place));
        else settled.not.push({ id: idOf(place), result: 'conflict' });
      }
      commit.run();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
    settled.ms = elapsed() - started;
    return settled;
  }

  /** One write of the batch is poison: find it, so that the others are not refused with it. */
  function oneByOne(places: readonly Place[], cause: unknown): (Settled | Fatal)[] {
    if (isDiskTrouble(cause)) return [{ fatal: resultCode(cause) }];
    const outcomes: (Settled | Fatal)[] = [];
    for (const place of places) {
      const started = elapsed();
      try {
        outcomes.push(transaction([place]));
      } catch (error) {
        // After a failed fsync the page cache cannot be trusted: no retry, no further answer.
        if (isDiskTrouble(error)) return [...outcomes, { fatal: resultCode(error) }];
        const failed = { id: idOf(place), result: 'failed' } as const;
        outcomes.push({ done: [], not: [failed], ms: elapsed() - started });
      }
    }
    return outcomes;
  }

  /** All or nothing: the first statement that changes no row undoes the ones before it. */
  function write({ cells, at, mayUndo }: Place): boolean {
    // A commit checks with its first statement, when there is nothing to undo yet: no savepoint.
    if (mayUndo) db.exec('SAVEPOINT w');
    let next = at + 2;
    for (let left = Number(cells[at + 1]); left > 0; left--) {
      const mustChange = cells[next + 1] === 1;
      if (execute(cells, next) === 0 && mustChange) {
        if (mayUndo) db.exec('ROLLBACK TO w; RELEASE w');
        return false;
      }
      next += 3 + Number(cells[next + 2]);
    }
    if (mayUndo) db.exec('RELEASE w');
    return true;
  }

  function execute(cells: Value[], at: number): number {
    const statement = prepared[Number(cells[at])];
    if (statement === undefined) throw new Error('the text of this statement was never handed in');
    const values = cells.slice(at + 3, at + 3 + Number(cells[at + 2]));
    return Number(statement.run(...values).changes);
  }

  return Object.freeze({ run });
}

const idOf = ({ cells, at }: Place): number => Number(cells[at]);

const isDiskTrouble = (error: unknown): boolean => DISK_TROUBLE.has(resultCode(error) & 0xff);

const resultCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
