/**
 * The one door to LanceDB (rule I8): a derived index of passages by meaning. It holds nothing that
 * cannot be built again, so whatever is missing, damaged or of another model is built anew.
 * Knows vectors and the intent each passage speaks for; nothing of conversations or thresholds.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Connection, connect, type Table } from '@lancedb/lancedb';

export type Passage = { intent: string; language: string; vector: Float32Array };
export type FoundPassage = { intent: string; language: string; similarity: number };

const tableName = 'passages';
/** Attempts to put a new index in the place of a damaged one, against others doing the same. */
const movesMax = 5;

/**
 * Opens the index in `directory`, or builds it there from `passages()`. The directory's name must
 * stand for its content (model id), so that several processes share it: it is written beside and
 * renamed into place.
 * @returns `search(vector, limit)`: nearest passages, best first, similarity = cosine.
 */
export async function createVectors(deps: { directory: string; passages: () => Passage[] }) {
  const opened = (await open(deps.directory)) ?? (await rebuild(deps.directory, deps.passages()));

  async function search(vector: Float32Array, limit: number): Promise<FoundPassage[]> {
    const rows = await opened.table
      .vectorSearch(vector)
      .distanceType('cosine')
      .select(['intent', 'language', '_distance'])
      .limit(limit)
      .toArray();
    return rows.map(({ intent, language, _distance }) => ({
      intent,
      language,
      similarity: 1 - _distance,
    }));
  }

  function close(): void {
    opened.table.close();
    opened.connection.close();
  }

  return Object.freeze({ search, count: () => opened.table.countRows(), close });
}

export type Vectors = Awaited<ReturnType<typeof createVectors>>;

type Opened = { connection: Connection; table: Table };

/** @returns undefined when there is no index, or one that cannot be read through. */
async function open(directory: string): Promise<Opened | undefined> {
  // Connecting would create the folder, and so stand in the way of one that is moved in.
  if (!existsSync(join(directory, `${tableName}.lance`))) return undefined;
  let connection: Connection | undefined;
  try {
    connection = await connect(directory);
    const table = await connection.openTable(tableName);
    const rows = await table.query().select(['vector']).toArray();
    if (rows.length > 0) return { connection, table };
  } catch {
    // Whatever was wrong with it, building it anew is the cure.
  }
  connection?.close();
  return undefined;
}

async function rebuild(directory: string, passages: Passage[]): Promise<Opened> {
  await mkdir(dirname(directory), { recursive: true });
  const beside = await mkdtemp(`${directory}.new-`);
  const connection = await connect(beside);
  const rows = passages.map(({ vector, ...rest }) => ({ ...rest, vector: Array.from(vector) }));
  const table = await connection.createTable(tableName, rows);
  await table
    .optimize({ cleanupOlderThan: new Date(Number.MAX_SAFE_INTEGER / 2) })
    .catch(() => undefined);
  table.close();
  connection.close();
  await moveInto(beside, directory);
  const built = await open(directory);
  if (!built) throw new Error(`the index in ${directory} cannot be read after building it`);
  return built;
}

/** Another process may have built the same index meanwhile: then its folder stays. */
async function moveInto(beside: string, directory: string): Promise<void> {
  for (let left = movesMax; left > 0; left--) {
    const moved = await rename(beside, directory).then(
      () => true,
      () => false,
    );
    if (moved) return;
    const stands = await open(directory);
    stands?.connection.close();
    if (stands) return rm(beside, { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  }
  throw new Error(`the index in ${directory} cannot be replaced`);
}
