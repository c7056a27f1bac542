/**
 * The checker itself: a history that is in order passes, and every way in which a server could
 * break its word is found when it is doctored into the truth or into what somebody saw.
 */
import { describe, expect, it } from 'vitest';
import { forContact } from '#core/outbound/audience.ts';
import { apply, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';
import { check, isClean } from './support/check.ts';
import { createHistory, type History, NOTE_MARK } from './support/history.ts';
import type { Stored } from './support/truth.ts';

const CHAT = 'chat';
const contact: Actor = { kind: 'contact', id: 'c1' };
const agent: Actor = { kind: 'agent', id: 'a1', name: 'Anna' };

type Made = { by: Actor; body: EventBody; cid?: string };

const said = (cid: string, text: string): Made => ({
  by: contact,
  cid,
  body: { type: 'message.sent', text },
});

const MADE: Made[] = [
  {
    by: contact,
    cid: 'open',
    body: { type: 'conversation.opened', contact: 'c1', channel: 'web-chat', language: 'de' },
  },
  said('m1', 'eins'),
  said('m2', 'zwei'),
  { by: agent, cid: 'n1', body: { type: 'note.added', text: `${NOTE_MARK} 1` } },
  said('m3', 'drei'),
  said('m4', 'vier'),
];

const numbered = (made: readonly Made[]): StoredEvent[] =>
  made.map((one, i) => ({ conversation: CHAT, seq: i + 1, at: 1_000 + i, ...one }));

const fold = (events: readonly StoredEvent[]) => events.reduce(apply, emptyState(CHAT));

function storedAs(events: readonly StoredEvent[]): Stored {
  const state = fold(events.map((event, i) => ({ ...event, seq: i + 1 })));
  const plain = JSON.parse(JSON.stringify(state));
  const row = { seq: plain.seq, status: plain.status, owner: plain.owner.kind, state: plain };
  return {
    events: new Map([[CHAT, events]]),
    conversations: new Map([[CHAT, row]]),
    integrity: 'ok',
  };
}

const WHOLE = numbered(MADE);

/** m1, m2, m3 and the note were acked; m4 has no answer. */
function historyOf(views: { contact?: StoredEvent[]; agent?: StoredEvent[] } = {}): History {
  const history = createHistory();
  const message = { conversation: CHAT, sender: 'contact-0', kind: 'message.sent' } as const;
  history.invoke({ cid: 'm1', text: 'eins', ...message });
  history.invoke({ cid: 'm2', text: 'zwei', ...message });
  history.invoke({
    cid: 'n1',
    conversation: CHAT,
    sender: 'agent-0',
    kind: 'note.added',
    text: `${NOTE_MARK} 1`,
  });
  history.invoke({ cid: 'm3', text: 'drei', ...message });
  history.invoke({ cid: 'm4', text: 'vier', ...message });
  history.ok('m1', CHAT, 2);
  history.ok('m2', CHAT, 3);
  history.ok('n1', CHAT, 4);
  history.ok('m3', CHAT, 5);
  const seen = views.contact ?? WHOLE.map(forContact);
  const watched = views.agent ?? WHOLE;
  history.view({
    reader: 'contact-0',
    role: 'contact',
    conversation: CHAT,
    events: seen,
    isFinal: true,
  });
  history.view({
    reader: 'agent-0',
    role: 'agent',
    conversation: CHAT,
    events: watched,
    isFinal: false,
  });
  return history;
}

/** Views that show just what is stored, so that only the truth itself is wrong. */
const historyFor = (events: StoredEvent[]): History =>
  historyOf({ contact: events.map(forContact), agent: events });

const changed = (seq: number, change: Partial<StoredEvent>): StoredEvent[] =>
  WHOLE.map((event) => (event.seq === seq ? { ...event, ...change } : event));

describe('a history in order', () => {
  it('passes, and is counted', () => {
    const { counts, findings } = check(historyOf(), storedAs(WHOLE), new Map([[CHAT, WHOLE]]));
    expect(findings).toEqual([]);
    expect(counts).toMatchObject({ acked: 4, unknown: 1, refused: 0 });
  });

  it('passes as well when what had no answer was never stored', () => {
    const events = WHOLE.slice(0, -1);
    expect(check(historyFor(events), storedAs(events)).findings).toEqual([]);
  });
});

describe('doctored', () => {
  const without = (...cids: string[]): StoredEvent[] =>
    numbered(MADE.filter(({ cid }) => !cids.includes(cid ?? '')));

  it('G1: an acked message that is not stored is lost', () => {
    const events = without('m3', 'm4');
    const { counts, findings } = check(historyFor(events), storedAs(events));
    expect(counts).toMatchObject({ lost: 1, twice: 0, gaps: 0 });
    expect(findings).toEqual([{ kind: 'lost', what: 'm3 "drei" acked as 5' }]);
  });

  it('G2: the same cid twice', () => {
    const events = numbered([...MADE, said('m2', 'zwei')]);
    const { counts, findings } = check(historyFor(events), storedAs(events));
    expect(counts).toMatchObject({ lost: 0, twice: 1 });
    expect(findings[0]?.what).toContain('m2');
  });

  it('G2: the same words stored again under another cid', () => {
    const events = numbered([...MADE, said('m2-again', 'zwei')]);
    expect(check(historyFor(events), storedAs(events)).counts).toMatchObject({
      twice: 1,
      wrong: 1,
    });
  });

  it('G2: what had no answer stands twice', () => {
    const events = numbered([...MADE, said('m4', 'vier')]);
    expect(check(historyFor(events), storedAs(events)).counts.twice).toBe(1);
  });

  it('G3: a later message overtook an earlier one', () => {
    const [open, m1, m2, note, m3, m4] = MADE as [Made, Made, Made, Made, Made, Made];
    const events = numbered([open, m1, m2, note, m4, m3]);
    const { counts } = check(historyFor(events), storedAs(events));
    // m3 was acked as 5 and is 6; m4 was written after it and stands before it.
    expect(counts).toMatchObject({ reordered: 1, wrong: 1, lost: 0 });
  });

  it('G3: a number is left out', () => {
    const events = WHOLE.map((event) => (event.seq === 6 ? { ...event, seq: 7 } : event));
    const { counts } = check(historyOf({ contact: [], agent: [] }), storedAs(events));
    expect(counts.gaps).toBe(1);
  });

  it('G3: acked with another seq than it has', () => {
    const history = historyOf();
    history.ok('m3', CHAT, 6);
    const { counts, findings } = check(history, storedAs(WHOLE));
    expect(counts).toMatchObject({ wrong: 1, lost: 0 });
    expect(findings[0]?.what).toBe('m3 was acked as 6 and is 5');
  });

  it('I5: a note in the view of a contact, or in any text he receives', () => {
    const { counts } = check(historyOf({ contact: WHOLE }), storedAs(WHOLE));
    expect(counts.leaks).toBe(1);
    const history = historyOf();
    history.leak('contact-0 received {…}');
    expect(check(history, storedAs(WHOLE)).counts.leaks).toBe(1);
  });

  it('I3: a view with a hole, with other words, or short at the end', () => {
    const seen = WHOLE.map(forContact);
    const hole = check(historyOf({ contact: seen.toSpliced(2, 1) }), storedAs(WHOLE));
    expect(hole.counts).toMatchObject({ gaps: 1, wrong: 0 });
    const other = changed(3, { body: { type: 'message.sent', text: 'anders' } }).map(forContact);
    expect(check(historyOf({ contact: other }), storedAs(WHOLE)).counts.wrong).toBe(1);
    const short = check(historyOf({ contact: seen.slice(0, -1) }), storedAs(WHOLE));
    expect(short.findings[0]?.what).toContain('5 of 6 at the end');
    const more = numbered([...MADE, said('m5', 'fünf')]);
    expect(check(historyOf({ agent: more }), storedAs(WHOLE)).counts.wrong).toBe(1);
  });

  it('a projection that is not the fold, columns included', () => {
    const stored = storedAs(WHOLE);
    const row = stored.conversations.get(CHAT);
    if (!row) throw new Error('no row');
    const doctor = (change: object): Stored => ({
      ...stored,
      conversations: new Map([[CHAT, { ...row, ...change }]]),
    });
    for (const change of [
      { seq: 5 },
      { owner: 'queue' },
      { state: { ...row.state, contactSeq: 3 } },
    ]) {
      expect(check(historyOf(), doctor(change)).counts.wrong).toBe(1);
    }
  });

  it('refused and stored, invented, shown differently, a broken file', () => {
    const refused = historyOf();
    refused.refused('m4', 'conversation_not_yours');
    expect(check(refused, storedAs(WHOLE)).counts).toMatchObject({ refused: 1, wrong: 1 });

    const invented = numbered([...MADE, said('x', 'nie geschrieben')]);
    expect(check(historyFor(invented), storedAs(invented)).findings[0]?.what).toContain('nobody');

    const shown = new Map([[CHAT, changed(2, { at: 7 })]]);
    expect(check(historyOf(), storedAs(WHOLE), shown).counts.wrong).toBe(1);
    const short = new Map([[CHAT, WHOLE.slice(0, 3)]]);
    expect(check(historyOf(), storedAs(WHOLE), short).counts.gaps).toBe(1);

    const broken = check(historyOf(), { ...storedAs(WHOLE), integrity: 'page 7 is never used' });
    expect(broken.counts.wrong).toBe(1);
    expect(isClean(broken.counts)).toBe(false);
  });
});
