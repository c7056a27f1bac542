/**
 * A reconnect storm: all contacts are dropped at once, an agent writes to some of them meanwhile,
 * then all come back with what they have seen last. Whoever comes back is resumed when he is live
 * again and has every event he missed; each seq is checked to come once and in order.
 */
import type { ServerFrame } from '#core/protocol/frames.ts';
import type { LoadResult, StormJob, WindowMarks } from './jobs.ts';
import { type Line, openWebSocket } from './line.ts';
import { several, sleep, within } from './pace.ts';
import { spread } from './percentile.ts';
import { newId, openPerson, type SocketAddress } from './person.ts';

type Absent = { conversation: string; token: string; epoch: string; seq: number; expected: number };
type Returned = { line: Line; resumeMs: number; next: number; twice: number };

const OPENED_AT_ONCE = 64;
const WRITTEN_AT_ONCE = 64;
/** What is still on its way to a contact when the last command is acknowledged. */
const SETTLES_MS = 1_000;
const RESUMED_WITHIN_MS = 60_000;
const MISSED_TEXT = 'Guten Tag, hier ist die Antwort, auf die Sie gewartet haben: Nummer';

export async function loadStorm(job: StormJob, marks: WindowMarks): Promise<LoadResult> {
  const { at, connections, behind, missed } = job;
  const agent = await openPerson(at, job.cookie);
  const opened = performance.now();
  const people = await several(connections, OPENED_AT_ONCE, async (i) => {
    const contact = await openPerson(at);
    const conversation = newId();
    await contact.command({ type: 'conversation.open', conversation, language: 'de' });
    if (i < behind) {
      await contact.command({ type: 'human.request', conversation });
      await agent.command({ type: 'conversation.take', conversation });
    }
    return { contact, conversation };
  });
  const openMs = performance.now() - opened;
  await sleep(SETTLES_MS);

  const absent = people.map(({ contact, conversation }): Absent => {
    const token = contact.welcome.contact?.token ?? '';
    const seq = contact.seen.get(conversation) ?? 0;
    return { conversation, token, epoch: contact.welcome.epoch, seq, expected: seq };
  });
  for (const { contact } of people) contact.drop();
  await several(behind * missed, WRITTEN_AT_ONCE, async (i) => {
    const who = absent[i % behind];
    if (who === undefined) return;
    const { conversation } = who;
    const text = `${MISSED_TEXT} ${i}`;
    const ack = await agent.command({ type: 'message.send', conversation, text });
    if (ack.t === 'ack') who.expected = Math.max(who.expected, ack.seq);
  });

  marks.start();
  const started = performance.now();
  const returned = await several(connections, job.atOnce, (i) =>
    comeBack(at, absent[i] as Absent, started),
  );
  await within(RESUMED_WITHIN_MS, () => returned.every((one) => !Number.isNaN(one.resumeMs)));
  marks.end();
  const waits = returned.map((one) => one.resumeMs);
  for (const { line } of returned) line.close();
  agent.close();
  const missing = returned.filter((one) => Number.isNaN(one.resumeMs)).length;
  const lost = returned.reduce(
    (sum, one, i) => sum + Math.max(0, (absent[i]?.expected ?? 0) + 1 - one.next),
    0,
  );
  const resumed = waits.filter((ms) => !Number.isNaN(ms));
  const resume = spread(resumed);
  return {
    perSecond: resumed.length / (resume.max / 1_000),
    ack: resume,
    delivered: spread([]),
    refused: 0,
    missing,
    storm: {
      openMs,
      resumedMs: missing === 0 ? resume.max : Number.NaN,
      resume,
      expected: absent.reduce((sum, who) => sum + who.expected - who.seq, 0),
      lost,
      twice: returned.reduce((sum, one) => sum + one.twice, 0),
    },
  };
}

/** Resolves when the line is up; what comes over it is counted on. Times run from `started`. */
async function comeBack(at: SocketAddress, who: Absent, started: number): Promise<Returned> {
  const one = { resumeMs: Number.NaN, next: who.seq + 1, twice: 0 };
  let isLive = false;

  function heard(frame: ServerFrame): void {
    if (frame.t === 'reset') throw new Error(`the server knows less of ${frame.conversation}`);
    if (frame.t === 'signal' && frame.signal.type === 'presence') isLive = true;
    if (frame.t === 'events') {
      if (frame.conversation !== who.conversation) throw new Error('somebody else’s events');
      for (const { seq } of frame.events) {
        if (seq > one.next) throw new Error(`after ${one.next - 1} came ${seq}`);
        if (seq < one.next) one.twice++;
        else one.next++;
      }
    }
    if (!isLive || one.next <= who.expected || !Number.isNaN(one.resumeMs)) return;
    one.resumeMs = performance.now() - started;
  }

  const line = await openWebSocket(at, (payload) => heard(JSON.parse(payload.toString())));
  const resume = { [who.conversation]: who.seq };
  const { token, epoch } = who;
  line.send(JSON.stringify({ t: 'hello', protocol: 1, as: 'contact', token, epoch, resume }));
  return Object.assign(one, { line });
}
