/**
 * Person to person: each contact has a conversation that an agent has taken and watches; contacts
 * write as soon as an earlier message is acknowledged, i.e. lies on disk. Closed loop.
 * Every message is timed to its ack at the contact and to its arrival at the agent.
 */
import type { DurableJob, LoadResult, WindowMarks } from './jobs.ts';
import { spread } from './percentile.ts';
import { commandText, newId, openPerson, type Person } from './person.ts';

type Pair = { contact: Person; conversation: string };

const ACK = Buffer.from('{"t":"ack"');
const EVENTS = Buffer.from('{"t":"events"');
const REFUSAL = Buffer.from('{"t":"refusal"');
const CID = Buffer.from('"cid":"');
const REST_MS = 3_000;
/** The last 12 hexadecimal digits of a command's id: the number of the message. */
const NUMBER_DIGITS = 12;
const UUID_LENGTH = 36;
const WORDS = 'Guten Tag, ich habe eine Frage zu meiner Bestellung von letzter Woche. ';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const startsWith = (payload: Buffer, start: Buffer): boolean =>
  payload.length >= start.length && payload.compare(start, 0, start.length, 0, start.length) === 0;

export const durableText = (length: number): string =>
  WORDS.repeat(Math.ceil(length / WORDS.length))
    .slice(0, length)
    .replace(/ $/, '.');

/** A UUIDv7 of now, as clients make them, that carries its number instead of chance. */
function numberedId(number: number): string {
  const hex = (value: number) => value.toString(16).padStart(NUMBER_DIGITS, '0');
  const now = hex(Date.now());
  return `${now.slice(0, 8)}-${now.slice(8)}-7000-8000-${hex(number)}`;
}

export async function loadDurable(job: DurableJob, marks: WindowMarks): Promise<LoadResult> {
  const { pairs, agents } = await setScene(job);
  const text = durableText(job.textLength);
  const sentAt: number[] = [];
  const acks: number[] = [];
  const deliveries: number[] = [];
  let isMeasuring = false;
  let isOver = false;
  let refused = 0;
  let acked = 0;
  let delivered = 0;

  function write({ contact, conversation }: Pair): void {
    const number = sentAt.push(performance.now()) - 1;
    const id = numberedId(number);
    contact.send(commandText(id, { type: 'message.send', conversation, text }));
  }

  function since(payload: Buffer, idStart: number): number {
    const end = idStart + UUID_LENGTH;
    const digits = payload.toString('latin1', end - NUMBER_DIGITS, end);
    return performance.now() - (sentAt[Number.parseInt(digits, 16)] ?? Number.NaN);
  }

  for (const pair of pairs) {
    pair.contact.listen((payload) => {
      const isAck = startsWith(payload, ACK);
      if (!isAck && !startsWith(payload, REFUSAL)) return;
      if (isAck) acked++;
      else refused++;
      if (isAck && isMeasuring) acks.push(since(payload, payload.indexOf('"id":"') + 6));
      if (!isOver) write(pair);
    });
  }
  for (const agent of agents) {
    agent.listen((payload) => {
      if (!startsWith(payload, EVENTS)) return;
      const cid = payload.indexOf(CID);
      if (cid === -1) return;
      delivered++;
      if (isMeasuring) deliveries.push(since(payload, cid + CID.length));
    });
  }

  for (const pair of pairs) for (let i = 0; i < job.inFlight; i++) write(pair);
  await sleep(job.warmUpMs);
  isMeasuring = true;
  marks.start();
  const started = performance.now();
  await sleep(job.measureMs);
  const seconds = (performance.now() - started) / 1_000;
  isMeasuring = false;
  marks.end();
  isOver = true;
  const end = performance.now() + REST_MS;
  while ((acked + refused < sentAt.length || delivered < acked) && performance.now() < end) {
    await sleep(10);
  }
  for (const person of [...pairs.map((pair) => pair.contact), ...agents]) person.close();
  return {
    perSecond: acks.length / seconds,
    ack: spread(acks),
    delivered: spread(deliveries),
    refused,
    missing: sentAt.length - refused - Math.min(acked, delivered),
  };
}

/** Every conversation handed over, taken and watched, before the first message. */
async function setScene(job: DurableJob): Promise<{ pairs: Pair[]; agents: Person[] }> {
  const agents: Person[] = [];
  for (let i = 0; i < job.agents; i++) agents.push(await openPerson(job.at, job.cookie));
  const pairs: Pair[] = [];
  for (let i = 0; i < job.connections; i++) {
    const contact = await openPerson(job.at);
    const conversation = newId();
    await contact.command({ type: 'conversation.open', conversation, language: 'de' });
    await contact.command({ type: 'human.request', conversation });
    const agent = agents[i % agents.length];
    await agent?.command({ type: 'conversation.take', conversation });
    await agent?.watch(conversation);
    pairs.push({ contact, conversation });
  }
  return { pairs, agents };
}
