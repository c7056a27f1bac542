/**
 * G1, G2, G3, G4 with a real process, real sockets and kill -9 in the middle of running chats:
 * contacts and an agent go on after the restart, nothing is missing, nothing stands twice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { StoredEvent } from '#core/protocol/events.ts';
import { type Client, connect, newId } from '#test/support/client.ts';
import { type Server, signUpAgent, startServer } from '#test/support/server.ts';

const CONTACTS = 8;
const KILLS = 3;
const RUNS_MS = 700;

type Person = {
  conversation: string;
  token: string | undefined;
  epoch: string | undefined;
  client: Client | undefined;
  /** What was written, in order; `seq` once it was acknowledged. */
  written: { cid: string; text: string; seq?: number }[];
  /** What this client has seen, as it would show it. */
  seen: StoredEvent[];
};

it('kill -9 while people write: all that was acknowledged is there, once and in order', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tresen-kill-'));
  const env = { TRESEN_RATE_LIMITS: 'off' };
  let server = await startServer({ dataDir, env });
  const { cookie } = await signUpAgent(server);
  const people: Person[] = Array.from({ length: CONTACTS }, () => ({
    conversation: newId(),
    token: undefined,
    epoch: undefined,
    client: undefined,
    written: [],
    seen: [],
  }));
  const port = Number(new URL(server.url).port);

  for (let kill = 0; kill < KILLS; kill++) {
    const stopped = { is: false };
    const agent = await connect(server.url, { as: 'agent' }, { cookie });
    const writers = people.map((person) => write(server, person, stopped));
    const taker = takeSome(agent, people.slice(0, 2), stopped);
    await new Promise((resolve) => setTimeout(resolve, RUNS_MS));
    await server.kill9();
    stopped.is = true;
    await Promise.all([...writers, taker]);
    server = await startServer({ dataDir, port, env });
  }

  let acknowledged = 0;
  for (const person of people) {
    const client = await greet(server, person);
    // What had no answer is sent again under the same cid, as a client does.
    for (const message of person.written.filter((m) => m.seq === undefined)) {
      await send(client, person, message);
    }
    const last = Math.max(...person.written.map((message) => message.seq ?? 0));
    await client.untilEvent(person.conversation, (event) => event.seq >= last, 'last own message');
    take(person, client);
    const fresh = await connect(server.url, { as: 'contact', token: person.token ?? '' });
    await fresh.untilEvent(person.conversation, (event) => event.seq >= last, 'history');
    const stored = fresh.eventsOf(person.conversation);
    expect(stored.map((event) => event.seq)).toEqual(stored.map((_, i) => i + 1));
    const own = stored.flatMap(({ by, body, cid, seq }) =>
      by.kind === 'contact' && body.type === 'message.sent' ? [{ cid, text: body.text, seq }] : [],
    );
    expect(own).toEqual(person.written);
    expect(person.seen.slice(0, stored.length)).toEqual(stored.slice(0, person.seen.length));
    acknowledged += own.length;
    client.close();
    fresh.close();
  }
  expect(acknowledged).toBeGreaterThan(CONTACTS * KILLS * 5);
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 120_000);

/** Writes one message after the other until the line breaks. */
async function write(server: Server, person: Person, stopped: { is: boolean }): Promise<void> {
  const client = await greet(server, person);
  try {
    for (const message of person.written.filter((m) => m.seq === undefined)) {
      await send(client, person, message);
    }
    while (!stopped.is) {
      const message = { cid: newId(), text: `Nachricht ${person.written.length}` };
      person.written.push(message);
      await send(client, person, message);
    }
  } catch {
    // The line broke in the middle: this message stays without an answer.
  }
  take(person, client);
}

async function greet(server: Server, person: Person): Promise<Client> {
  const resume = person.seen.length > 0 ? { [person.conversation]: person.seen.length } : {};
  const client = await connect(server.url, {
    as: 'contact',
    resume,
    ...(person.token && { token: person.token }),
    ...(person.epoch && { epoch: person.epoch }),
  });
  const welcome = client.welcome();
  person.token = welcome.contact?.token;
  person.epoch = welcome.epoch;
  if (welcome.conversations.length === 0) {
    const { conversation } = person;
    await client.command({ type: 'conversation.open', conversation, language: 'de' });
  }
  return client;
}

async function send(
  client: Client,
  { conversation }: Person,
  message: Person['written'][number],
): Promise<void> {
  const { cid, text } = message;
  const answering = client.command({ type: 'message.send', conversation, text }, cid);
  const broken = client.untilClosed().then(() => Promise.reject(new Error('closed')));
  const answer = await Promise.race([answering, broken]);
  if (answer.t !== 'ack') throw new Error(`refused: ${answer.code}`);
  message.seq = answer.seq;
}

/** Adds what this connection showed to what the person has seen: only what follows on. */
function take(person: Person, client: Client): void {
  for (const event of client.eventsOf(person.conversation)) {
    if (event.seq === person.seen.length + 1) person.seen.push(event);
    else expect(event.seq).toBeLessThanOrEqual(person.seen.length);
  }
}

/** An agent takes conversations and writes into them while the process dies. */
async function takeSome(agent: Client, people: Person[], stopped: { is: boolean }): Promise<void> {
  const broken = agent.untilClosed().catch(() => undefined);
  while (!stopped.is && agent.closedWith() === undefined) {
    for (const { conversation } of people) {
      const work = async () => {
        await agent.command({ type: 'conversation.take', conversation });
        await agent.command({ type: 'message.send', conversation, text: 'Ich bin da.' });
      };
      await Promise.race([work().catch(() => undefined), broken]);
    }
  }
}
