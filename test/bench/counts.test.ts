/**
 * What messages cost a real server in fsyncs, write calls and queries, counted under strace.
 * Counts, not times: a slow machine makes batches larger and the counts smaller, never larger, so
 * the bounds may gate. They lie far above what is measured and far below what a server without
 * group commit, without writing per loop turn, or with a query per command would need.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Counted, countSystemCalls } from '../../bench/support/counted.ts';
import { countCalls } from '../../bench/support/system-calls.ts';

const LOAD = { connections: 64, inFlight: 16, agents: 4, messages: 8_000 };
/** Measured 10: commits of about 250 messages, and checkpoints. One commit each would be 1 000. */
const SYNCS_MAX = 100;
/** Everything under way at most shares one fsync: fewer would be acks before the disk (G1). */
const SYNCS_MIN = 1_000 / (LOAD.connections * LOAD.inFlight);
/** Measured 40. A write per frame would be 1 000, and one per message and reader about 500. */
const SOCKET_WRITES_MAX = 150;
/** Measured 0: what the lane knows is not read again. A look for an earlier command would be 1. */
const QUERIES_MAX = 0.1;
const WITHIN_MS = 240_000;

describe(`what a message costs, ${LOAD.connections} × ${LOAD.inFlight} under way`, () => {
  let counted: Counted;
  beforeAll(async () => {
    counted = await countSystemCalls({ ...LOAD, socket: 'ws' });
  }, WITHIN_MS);

  it('counts over messages that were all stored, acknowledged and delivered', () => {
    expect(counted).toMatchObject({ messages: LOAD.messages, missing: 0 });
    // At least the ack, the contact's own event and the agent's event; rows come on top.
    expect(counted.deliveries).toBeGreaterThan(2 * LOAD.messages);
  });

  it('one fsync serves many messages, but no message does without', () => {
    expect(counted.syncsPer1000Messages).toBeLessThanOrEqual(SYNCS_MAX);
    expect(counted.syncsPer1000Messages).toBeGreaterThanOrEqual(SYNCS_MIN);
  });

  it('frames of one loop turn leave in one write call per socket', () => {
    expect(counted.socketWritesPer1000Deliveries).toBeLessThanOrEqual(SOCKET_WRITES_MAX);
    expect(counted.socketWritesPer1000Deliveries).toBeGreaterThan(0);
  });

  it('the main thread reads nothing from the database for a message', () => {
    expect(counted.queriesPerCommand).toBeLessThanOrEqual(QUERIES_MAX);
  });
});

describe('counting in a trace', () => {
  const TRACE = [
    '100 1795388682.000000 write(24<socket:[1]>, ""..., 50) = 50',
    '100 1795388682.100000 writev(24<socket:[1]>, [{}], 2 <unfinished ...>',
    '101 1795388682.150000 fdatasync(9</data/tresen.db-wal>) = 0',
    '100 1795388682.200000 <... writev resumed>) = 50',
    '101 1795388682.300000 fsync(8</data/tresen.db>) = 0',
    '101 1795388682.400000 write(6<anon_inode:[eventfd]>, ""..., 8) = 8',
    '100 1795388682.500000 write(1<socket:[2]>, ""..., 9) = 9',
    '100 1795388682.600000 sendmsg(25<TCP:[127.0.0.1:1->127.0.0.1:2]>, {}, 0) = 7',
    '100 1795388683.000000 write(24<socket:[1]>, ""..., 50) = 50',
  ].join('\n');
  const AT = 1_795_388_682_000;

  it('takes syncs of any file and writes to sockets, each once, not the standard output', () => {
    expect(countCalls(TRACE, AT, AT + 5_000)).toEqual({ syncs: 2, socketWrites: 4 });
  });

  it('takes what lies between the marks only', () => {
    expect(countCalls(TRACE, AT + 50, AT + 250)).toEqual({ syncs: 1, socketWrites: 1 });
  });
});
