/** Catching up (G3, G4): everything once, in order, in frames that fit, live without a gap. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catchUp } from '#core/gateway/websocket/replay.ts';
import { FRAME_MAX_BYTES, REPLAY_EVENTS_MAX } from '#core/platform/limits.ts';
import type { StoredEvent } from '#core/protocol/events.ts';

const event = (conversation: string, seq: number, length = 10): StoredEvent => ({
  conversation,
  seq,
  at: 1,
  by: { kind: 'bot' },
  body: { type: 'message.sent', text: 'x'.repeat(length) },
});

/** A store, a socket and the live delivery, as the gateway wires them. */
function world(initial: Record<string, number>, options: { length?: number } = {}) {
  const stored = new Map<string, StoredEvent[]>();
  const received: StoredEvent[] = [];
  const pages: StoredEvent[][] = [];
  let isLive = false;
  const state = { isOpen: true, turns: 0, lives: 0, onTurn: (_turn: number): void => undefined };

  function commit(conversation: string): void {
    const events = stored.get(conversation) ?? [];
    const next = event(conversation, events.length + 1, options.length);
    stored.set(conversation, [...events, next]);
    if (isLive) received.push(next);
  }
  for (const [conversation, count] of Object.entries(initial))
    for (let i = 0; i < count; i++) commit(conversation);

  const run = (cursors: Map<string, number>): Promise<void> =>
    catchUp(cursors, {
      read: (id, after, limit) => (stored.get(id) ?? []).slice(after, after + limit),
      send: (_id, events) => {
        pages.push(events);
        received.push(...events);
      },
      isOpen: () => state.isOpen,
      nextTurn: async () => state.onTurn(++state.turns),
      live: () => {
        state.lives++;
        isLive = true;
      },
    });
  const seqs = (id: string): number[] =>
    received.filter(({ conversation }) => conversation === id).map(({ seq }) => seq);
  return { commit, run, seqs, pages, state, stored };
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('catching up', () => {
  it('with nothing missing goes live at once', async () => {
    const { run, pages, state } = world({ a: 3 });
    await run(new Map([['a', 3]]));
    expect([pages, state.lives, state.turns]).toEqual([[], 1, 0]);
  });

  it('with no conversation at all goes live too', async () => {
    const { run, state } = world({});
    await run(new Map());
    expect(state.lives).toBe(1);
  });

  it('sends what follows the last seq, and nothing that the client has', async () => {
    const { run, seqs } = world({ a: 10 });
    await run(new Map([['a', 7]]));
    expect(seqs('a')).toEqual([8, 9, 10]);
  });

  it.each([1, 99, 100, 101, 200, 1_000])('%i events, in pages, with a pause between', async (n) => {
    const { run, seqs, pages, state } = world({ a: n });
    await run(new Map([['a', 0]]));
    expect(seqs('a')).toEqual(upTo(1, n));
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(REPLAY_EVENTS_MAX);
    expect(state.turns).toBeGreaterThanOrEqual(pages.length - 1);
    expect(state.lives).toBe(1);
  });

  it('long texts make small pages, none beyond a frame (I6, G6)', async () => {
    const { run, seqs, pages } = world({ a: 60 }, { length: 4_000 });
    await run(new Map([['a', 0]]));
    expect(seqs('a')).toEqual(upTo(1, 60));
    expect(pages.length).toBeGreaterThan(4);
    for (const events of pages) {
      const frame = JSON.stringify({ t: 'events', conversation: 'a', events });
      expect(Buffer.byteLength(frame)).toBeLessThan(FRAME_MAX_BYTES);
    }
  });

  it('an event that is longer than a page still goes out, alone', async () => {
    const { run, seqs, pages } = world({ a: 3 }, { length: 60_000 });
    await run(new Map([['a', 0]]));
    expect([seqs('a'), pages.map(({ length }) => length)]).toEqual([
      [1, 2, 3],
      [1, 1, 1],
    ]);
  });

  it('conversations take turns: a long history does not hold up a short one', async () => {
    const { run, pages } = world({ long: 500, short: 1 });
    await run(
      new Map([
        ['long', 0],
        ['short', 0],
      ]),
    );
    expect(pages[1]?.[0]?.conversation).toBe('short');
  });

  it('who has gone gets nothing more and is not registered', async () => {
    const { run, seqs, state } = world({ a: 500 });
    state.onTurn = () => {
      state.isOpen = false;
    };
    await run(new Map([['a', 0]]));
    expect([seqs('a'), state.lives]).toEqual([upTo(1, 100), 0]);
  });

  it('whatever is written meanwhile arrives once and in order, also after going live', async () => {
    const property = fc.asyncProperty(
      fc.record({ a: fc.nat(350), b: fc.nat(350) }),
      fc.nat(400),
      fc.array(fc.array(fc.constantFrom('a', 'b'), { maxLength: 120 }), { maxLength: 8 }),
      async (initial, from, meanwhile) => {
        const { commit, run, seqs, state, stored } = world(initial);
        const start = Math.min(from, initial.a);
        state.onTurn = (turn) => meanwhile[turn - 1]?.forEach(commit);
        await run(
          new Map([
            ['a', start],
            ['b', 0],
          ]),
        );
        commit('a');
        commit('b');
        expect(seqs('a')).toEqual(upTo(start + 1, stored.get('a')?.length ?? 0));
        expect(seqs('b')).toEqual(upTo(1, stored.get('b')?.length ?? 0));
        expect(state.lives).toBe(1);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
});
