/**
 * Person to person: each contact has a conversation that an agent has taken and watches; contacts
 * write as soon as an earlier message is acknowledged, i.e. lies on disk. Closed loop.
 * Every message is timed to its ack at the contact and to its arrival at the agent.
 */
import type { DurableJob, LoadResult, WindowMarks } from './jobs.ts';
import { several, sleep, within } from './pace.ts';
import { spread } from './percentile.ts';
import { commandText, newId, openPerson, type Person, type SocketAddress } from './person.ts';

export type Pair = { contact: Person; conversation: string };
export type Scene = { pairs: Pair[]; agents: Person[] };

const ACK = Buffer.from('{"t":"ack"');
const EVENTS = Buffer.from('{"t":"events"');
const REFUSAL = Buffer.from('{"t":"refusal"');
const CID = Buffer.from('"cid":"');
const REST_MS = 3_000;
/** A counted run has no time, only an end; a traced server is slow. */
const COUNTED_WITHIN_MS = 120_000;
/** So that what is counted begins and ends in silence, on whatever clock. */
const QUIET_MS = 300;
/** The last 12 hexadecimal digits of a command's id: the number of the message. */
const NUMBER_DIGITS = 12;
const UUID_LENGTH = 36;
const OPENED_AT_ONCE = 32;
const WORDS = 'Guten Tag, ich habe eine Frage zu meiner Bestellung von letzter Woche. ';

const startsWith = (payload: Buffer, start: Buffer): boolean =>
  payload.length >= start.length && payload.compare(start, 0, start.length, 0, start.length) === 0;

export const durableText = (length: number): string =>
  WORDS.repeat(Math.ceil(length / WORDS.length))
    .slice(0, length)
    .replace(/ $/, '.');

/** A UUIDv7 of now, as clients make them, that carries its number instead of chance. */
export function numberedId(number: number): string {
  const hex = (value: number) => value.toString(16).padStart(NUMBER_DIGITS, '0');
  const now = hex(Date.now());
  return `${now.slice(0, 8)}-${now.slice(8)}-7000-8000-${hex(number)}`;
}

/** @returns the number of the message whose id begins at `start` of the payload */
function numberAt(payload: Buffer, start: number): number {
  const end = start + UUID_LENGTH;
  return Number.parseInt(payload.toString('latin1', end - NUMBER_DIGITS, end), 16);
}

/** What a frame to a contact says of one of his messages, without parsing the whole of it. */
export function verdictOf(payload: Buffer): { isAck: boolean; number: number } | undefined {
  const isAck = startsWith(payload, ACK);
  if (!isAck && !startsWith(payload, REFUSAL)) return undefined;
  const id = payload.indexOf('"id":"');
  return { isAck, number: id === -1 ? Number.NaN : numberAt(payload, id + 6) };
}

/** Numbers of the messages in a frame to an agent. */
function* arrivedIn(payload: Buffer): Generator<number> {
  if (!startsWith(payload, EVENTS)) return;
  for (let cid = payload.indexOf(CID); cid !== -1; cid = payload.indexOf(CID, cid + UUID_LENGTH)) {
    yield numberAt(payload, cid + CID.length);
  }
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
  let frames = 0;

  function write({ contact, conversation }: Pair): void {
    if (job.messages !== undefined && sentAt.length - refused >= job.messages) return;
    const number = sentAt.push(performance.now()) - 1;
    const id = numberedId(number);
    contact.send(commandText(id, { type: 'message.send', conversation, text }));
  }
  const since = (number: number): number => performance.now() - (sentAt[number] ?? Number.NaN);

  for (const pair of pairs) {
    pair.contact.listen((payload) => {
      if (isMeasuring) frames++;
      const verdict = verdictOf(payload);
      if (verdict === undefined) return;
      if (verdict.isAck) acked++;
      else refused++;
      if (verdict.isAck && isMeasuring) acks.push(since(verdict.number));
      if (!isOver) write(pair);
    });
  }
  for (const agent of agents) {
    agent.listen((payload) => {
      if (isMeasuring) frames++;
      for (const number of arrivedIn(payload)) {
        delivered++;
        if (isMeasuring) deliveries.push(since(number));
      }
    });
  }

  const begin = (): void => {
    for (const pair of pairs) for (let i = 0; i < job.inFlight; i++) write(pair);
  };
  const isAnswered = () => acked + refused >= sentAt.length && delivered >= acked;
  const isCounted = () => acked >= (job.messages ?? 0) && isAnswered();
  const seconds = await watched(job, begin, isCounted, {
    start: () => {
      isMeasuring = true;
      marks.start();
    },
    end: () => {
      isMeasuring = false;
      isOver = true;
      marks.end();
    },
  });
  await within(REST_MS, isAnswered);
  for (const person of [...pairs.map((pair) => pair.contact), ...agents]) person.close();
  return {
    perSecond: acks.length / seconds,
    ack: spread(acks),
    delivered: spread(deliveries),
    refused,
    missing: sentAt.length - refused - Math.min(acked, delivered),
    frames,
  };
}

/** Calls the marks at both ends: of a window of time, or of so many messages. @returns seconds */
async function watched(
  job: DurableJob,
  begin: () => void,
  isCounted: () => boolean,
  marks: WindowMarks,
): Promise<number> {
  const isTimed = job.messages === undefined;
  if (isTimed) begin();
  await sleep(isTimed ? job.warmUpMs : QUIET_MS);
  marks.start();
  const started = performance.now();
  if (isTimed) await sleep(job.measureMs);
  else {
    await sleep(QUIET_MS);
    begin();
    await within(COUNTED_WITHIN_MS, isCounted);
    await sleep(QUIET_MS);
  }
  const seconds = (performance.now() - started) / 1_000;
  marks.end();
  return seconds;
}

/** Every conversation handed over, taken and watched, before the first message. */
export async function setScene(job: {
  at: SocketAddress;
  cookie: string;
  connections: number;
  agents: number;
}): Promise<Scene> {
  const openAgent = () => openPerson(job.at, job.cookie);
  const agents = await several(job.agents, OPENED_AT_ONCE, openAgent);
  const pairs = await several(job.connections, OPENED_AT_ONCE, async (i) => {
    const contact = await openPerson(job.at);
    const conversation = newId();
    await contact.command({ type: 'conversation.open', conversation, language: 'de' });
    await contact.command({ type: 'human.request', conversation });
    const agent = agents[i % agents.length];
    await agent?.command({ type: 'conversation.take', conversation });
    await agent?.watch(conversation);
    return { contact, conversation };
  });
  return { pairs, agents };
}
