/**
 * How writes travel to the writer: all of a loop turn in one flat array, each SQL text only once,
 * because copying nested objects and texts between threads costs more than storing them.
 */
import type { Value } from './sqlite.ts';

/** `mustChange`: when it changes no row, the whole write is undone and answers 'conflict'. */
export type Statement = { sql: string; values: Value[]; mustChange?: boolean };
export type Write = { id: number; statements: readonly Statement[] };

export type Batch = {
  /** SQL texts that the other side has not seen, by the number that stands for them. */
  texts: [number: number, sql: string][];
  /** Per write: id, number of statements, then each: text, mustChange, number of values, values. */
  cells: Value[];
};

export function createBatchEncoder(): (writes: readonly Write[]) => Batch {
  const numbers = new Map<string, number>();
  return (writes) => {
    const texts: Batch['texts'] = [];
    const cells: Value[] = [];
    for (const { id, statements } of writes) {
      cells.push(id, statements.length);
      for (const { sql, values, mustChange } of statements) {
        let number = numbers.get(sql);
        if (number === undefined) {
          number = numbers.size;
          numbers.set(sql, number);
          texts.push([number, sql]);
        }
        cells.push(number, mustChange ? 1 : 0, values.length, ...values);
      }
    }
    return { texts, cells };
  };
}
