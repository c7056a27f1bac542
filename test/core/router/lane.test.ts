/**
 * The lane over a real store: commands of one conversation share a fsync without losing order
 * (I3), and when the disk refuses one, those that stood on it are decided again (G1, G2).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics } from '#core/platform/metrics.ts';
import { systemRandom } from '#core/platform/random.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import { isRefusal, refuse } from '#core/protocol/errors.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { createLanes, type Draft, type LaneCommand } from '#core/router/lane.ts';
import type { Conversations } from '#core/store/conversations.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { createWriter, StoreBusy, type Writer } from '#core/store/writer.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

type Refuses = 'failed' | 'busy' | undefined;

const contact: Actor = { kind: 'contact', id: 'contact-1' };
const opened: Draft = {
  body: { type: 'conversation.opened', contact: 'contact-1', channel: 'web-chat', language: 'de' },
};
const words = (text: string): Draft => ({ body: { type: 'message.sent', text } });
const newContact = { id: 'contact-1', tokenHash: 'hash', language: 'de', at: 1 };

let dataDir: string;
let store: Store;
/** What the disk says to the next writes, one by one. */
let troubles: Refuses[];
let delivered: StoredEvent[];
let lanes: ReturnType<typeof createLanes>;
const metrics = createMetrics();

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tresen-lane-'));
  troubles = [];
  delivered = [];
  const clock = createVirtualClock();
  const onFatal = (code: number) => {
    throw new Error(`the writer gave up: ${code}`);
  };
  const unwilling = (writer: Writer): Writer => ({
    ...writer,
    write: (statements) => {
      const trouble = troubles.shift();
      if (trouble === 'busy') return Promise.reject(new StoreBusy('full'));
      if (trouble === 'failed') return writer.write([]).then(() => 'failed' as const);
      return writer.write(statements);
    },
  });
  store = await openStore({
    dataDir,
    clock,
    random: systemRandom,
    metrics,
    onFatal,
    createWriter: (options) => unwilling(createWriter(options)),
  });
  const deliver = (_: ConversationState, events: readonly StoredEvent[]) =>
    void delivered.push(...events);
  lanes = createLanes({ store: store.conversations, clock, metrics, deliver });
});

afterEach(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const run = (decide: LaneCommand['decide'], cid?: string, command: unknown = cid) =>
  lanes.run({
    conversation: 'a',
    by: contact,
    newContact,
    decide,
    ...(cid && { once: { cid, command } }),
  });

const say = (text: string, cid = text) => run(() => [words(text)], cid, text);
const stored = (): string[] =>
  store.conversations
    .eventsAfter('a', 0, 100)
    .map(({ seq, body }) => `${seq} ${body.type === 'message.sent' ? body.text : body.type}`);

async function commits(): Promise<number> {
  const { values } = await metrics.commits.get();
  return values[0]?.value ?? 0;
}

it('commands of one conversation share a commit, in order (I3)', async () => {
  await run(() => [opened]);
  const before = await commits();
  const texts = ['eins', 'zwei', 'drei', 'vier'];
  const acks = await Promise.all(texts.map((text) => say(text)));
  expect(acks.map((ack) => !isRefusal(ack) && ack.seq)).toEqual([2, 3, 4, 5]);
  expect(stored().slice(1)).toEqual(['2 eins', '3 zwei', '4 drei', '5 vier']);
  expect(delivered.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
  expect((await commits()) - before).toBe(1);
});

it('decides on what is decided, and answers after the disk', async () => {
  const seen: number[] = [];
  const look = (drafts: Draft[]) => (state: ConversationState) => {
    seen.push(state.seq);
    return drafts;
  };
  const all = [run(look([opened])), run(look([words('x')])), run(look([]))];
  expect(seen).toEqual([0, 1, 2]);
  expect(lanes.state('a')).toBeUndefined();
  const [, , nothing] = await Promise.all(all);
  expect(nothing).toMatchObject({ seq: 2 });
  expect(lanes.state('a')?.seq).toBe(2);
});

it.each(['failed', 'busy'] as const)('decides again what stood on a write that %s', async (how) => {
  await run(() => [opened]);
  troubles = [undefined, how, undefined, undefined];
  const outcomes = await Promise.all(['eins', 'zwei', 'drei', 'vier'].map((text) => say(text)));
  const refused = how === 'busy' ? 'busy' : 'store_unavailable';
  expect(outcomes[1]).toEqual(refuse(refused));
  expect(stored().slice(1)).toEqual(['2 eins', '3 drei', '4 vier']);
  expect(outcomes.map((o) => !isRefusal(o) && o.seq)).toEqual([2, false, 3, 4]);
  expect(delivered.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
});

it('a refusal that rests on a write that failed is taken back', async () => {
  await run(() => [opened]);
  const unlessSaid = (state: ConversationState) =>
    state.contactSeq > 0 ? refuse('forbidden') : [words('zwei')];
  troubles = ['failed'];
  const outcomes = await Promise.all([say('eins'), run(unlessSaid, 'second')]);
  expect(outcomes).toMatchObject([refuse('store_unavailable'), { seq: 2 }]);
  expect(stored()).toEqual(['1 conversation.opened', '2 zwei']);
});

it('G2: a command sent again gets the first ack, on its way or stored; other words a no', async () => {
  await run(() => [opened]);
  const [first, twin, other] = await Promise.all([
    say('eins', 'cid'),
    say('eins', 'cid'),
    say('anders', 'cid'),
  ]);
  expect(twin).toEqual(first);
  expect(other).toEqual(refuse('cid_conflict'));
  // Behind the repeated ones comes something new: it must not suffer from them.
  const later = await Promise.all([say('eins', 'cid'), say('anders', 'cid'), say('neu')]);
  expect(later).toMatchObject([first, refuse('cid_conflict'), { seq: 3 }]);
  expect(stored()).toEqual(['1 conversation.opened', '2 eins', '3 neu']);
});

it('the cid stands at what the sender wrote, not at the reopening before it', async () => {
  const reopened: Draft = { body: { type: 'conversation.reopened' } };
  await run(() => [opened, { body: { type: 'conversation.resolved' } }]);
  const ack = await run(() => [reopened, words('noch etwas')], 'cid');
  expect(ack).toMatchObject({ seq: 4 });
  const [event] = store.conversations.eventsAfter('a', 3, 1);
  expect(event).toMatchObject({ cid: 'cid', body: { text: 'noch etwas' } });
});

it('a history that cannot be read costs those who ask for it the answer, nobody else', async () => {
  await run(() => [opened]);
  await say('eins', 'cid');
  let reads = 0;
  const unreadable: Conversations = {
    ...store.conversations,
    findCommand: (...args) => {
      if (reads++ === 0) throw new Error('unreadable');
      return store.conversations.findCommand(...args);
    },
  };
  const clock = createVirtualClock();
  lanes = createLanes({ store: unreadable, clock, metrics, deliver: () => undefined });
  const outcomes = await Promise.allSettled([say('eins', 'cid'), say('neu')]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { value: { seq: 3 } }]);
  expect(await say('eins', 'cid')).toMatchObject({ seq: 2 });
});

it('a mistake in a handler costs its sender the answer, nobody else', async () => {
  await run(() => [opened]);
  const broken = run(() => {
    throw new Error('bug');
  });
  const after = say('danach');
  await expect(broken).rejects.toThrow('bug');
  expect(await after).toMatchObject({ seq: 2 });
});
