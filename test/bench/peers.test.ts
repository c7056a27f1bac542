/** What the peers and the long histories of the benches rest on: replies counted, rows valid. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, emptyState } from '#core/protocol/apply.ts';
import { createConversations } from '#core/store/conversations.ts';
import { databaseFile, openReader } from '#core/store/sqlite.ts';
import type { Writer } from '#core/store/writer.ts';
import { writeHistory } from '../../bench/support/history.ts';
import { createReplyReader } from '../../bench/support/load-redis.ts';
import { loadSocketIo } from '../../bench/support/load-socket-io.ts';
import { allKept, type Line, linesTable } from '../../bench/support/must.ts';
import { several } from '../../bench/support/pace.ts';
import { startSocketIo } from '../../bench/support/peers.ts';
import { headerBytes, overwrite, textFrame } from '../../bench/support/web-socket-frames.ts';

describe('replies of Redis', () => {
  const REPLIES = '$15\r\n1763850000000-0\r\n$16\r\n1763850000000-10\r\n$15\r\n1763850000001-0\r\n';

  it('are counted however the stream is cut', () => {
    for (const piece of [1, 2, 3, 7, 1_000]) {
      let count = 0;
      const read = createReplyReader(() => count++);
      const stream = Buffer.from(REPLIES);
      for (let at = 0; at < stream.length; at += piece) read(stream.subarray(at, at + piece));
      expect(count).toBe(3);
    }
  });

  it('that say no end the run', () => {
    const read = createReplyReader(() => {});
    read(Buffer.from(REPLIES));
    expect(() => read(Buffer.from('-MISCONF Errors writing to the AOF file\r\n'))).toThrow(
      'MISCONF',
    );
  });
});

describe('frames from a template', () => {
  it('equal frames made anew, at every offset of the mask', () => {
    for (const before of ['', 'a', 'ab', 'abc', 'x'.repeat(200)]) {
      const wanted = textFrame(`${before}0123456789-end`);
      const frame = textFrame(`${before}..........-end`);
      const size = before.length + 14;
      overwrite(frame, headerBytes(size), before.length, '0123456789');
      expect(frame).toEqual(wanted);
    }
  });
});

describe('promises', () => {
  const line = (kind: Line['kind'], value: number | undefined): Line => ({
    what: 'ratio',
    kind,
    bound: 'at least',
    limit: 1,
    value,
  });

  it('fail a bench when a must is missed or not a number, and not otherwise', () => {
    expect(allKept([line('must', 1), line('aim', 0.2), line('must', undefined)])).toBe(true);
    expect(allKept([line('must', 0.99)])).toBe(false);
    expect(allKept([line('must', Number.NaN)])).toBe(false);
    expect(allKept([{ ...line('must', 2), bound: 'at most' }])).toBe(false);
  });

  it('say what was not measured', () => {
    const verdicts = linesTable([line('must', undefined), line('aim', 0.5)]).rows.map(
      (row) => row[3],
    );
    expect(verdicts).toEqual(['not measured', 'missed']);
  });
});

describe('several at once', () => {
  it('keeps the order, the number and the limit', async () => {
    let underway = 0;
    let most = 0;
    const made = await several(50, 7, async (index) => {
      most = Math.max(most, ++underway);
      await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
      underway--;
      return index;
    });
    expect(made).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(most).toBe(7);
  });
});

describe('the socket.io peer', () => {
  it.each(['each', 'turn'] as const)('acknowledges what lies in its tables (%s)', async (mode) => {
    const peer = await startSocketIo(mode);
    try {
      const size = { connections: 8, agents: 2, inFlight: 4, textLength: 200 };
      const window = { warmUpMs: 100, measureMs: 400 };
      const marks = { start: () => {}, end: () => {} };
      const job = { load: 'socket.io', at: peer, ...size, ...window } as const;
      const { ack, missing } = await loadSocketIo(job, marks);
      expect(missing).toBe(0);
      expect(ack.count).toBeGreaterThan(0);
      const reader = openReader(databaseFile(peer.dataDir));
      const sql = "SELECT count(*) AS n FROM events WHERE json_extract(body, '$.text') IS NOT NULL";
      expect(Number(reader.one(sql)?.['n'])).toBeGreaterThanOrEqual(ack.count);
      reader.close();
    } finally {
      await peer.stop();
    }
  });
});

describe('a written history', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-test-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('is what a chat would have left: events that fold to the stored states, nothing owed', () => {
    const messages = 400;
    expect(writeHistory(dataDir, messages)).toBe(messages);
    const db = new DatabaseSync(databaseFile(dataDir), { readOnly: true });
    const count = (sql: string): number => Number(db.prepare(sql).get()?.['n']);
    expect(
      count("SELECT count(*) n FROM events WHERE json_extract(body, '$.type') = 'message.sent'"),
    ).toBe(messages);
    const ids = db.prepare('SELECT id FROM conversations').all();
    db.close();
    const reader = openReader(databaseFile(dataDir));
    const store = createConversations(reader, undefined as never as Writer);
    for (const { id } of ids) {
      const events = store.eventsAfter(String(id), 0, 1_000);
      expect(events.reduce(apply, emptyState(String(id)))).toEqual(store.state(String(id)));
    }
    expect(ids).toHaveLength(20);
    expect(store.botDue()).toEqual([]);
    expect(store.open(100)).toHaveLength(2);
    reader.close();
  });
});
