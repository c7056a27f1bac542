/**
 * People who chat while something else happens to the server: few, slow, steady, and every ack is
 * timed. They live in the bench's own process, which does nothing else meanwhile.
 */
import { setScene } from './load-durable.ts';
import type { SocketAddress } from './person.ts';

export type Chat = { at: number; ms: number };

const CONTACTS = 16;
const EVERY_MS = 50;
const CALM_MS = 2_000;

/** Resolves after some calm seconds, so that there is something to compare with. */
export async function createBystanders(at: SocketAddress, cookie: string) {
  const { pairs, agents } = await setScene({ at, cookie, connections: CONTACTS, agents: 1 });
  const chats: Chat[] = [];
  let failure: unknown;
  const underway = new Set<Promise<unknown>>();

  function write(index: number): void {
    const pair = pairs[index % pairs.length];
    if (pair === undefined) return;
    const { contact, conversation } = pair;
    const sentAt = performance.now();
    const text = `Nummer ${index}`;
    const chat = contact
      .command({ type: 'message.send', conversation, text })
      .then(() => chats.push({ at: sentAt, ms: performance.now() - sentAt }))
      .catch((error) => {
        failure ??= error;
      })
      .finally(() => underway.delete(chat));
    underway.add(chat);
  }

  let index = 0;
  const timer = setInterval(() => write(index++), EVERY_MS);
  await new Promise((resolve) => setTimeout(resolve, CALM_MS));
  const calmCount = chats.length;

  return Object.freeze({
    /** How many of the first chats happened before anything else did. */
    calmCount,
    /** @throws what a bystander's command met: a refusal, or no answer at all */
    async stop(): Promise<Chat[]> {
      clearInterval(timer);
      await Promise.all(underway);
      for (const { contact } of pairs) contact.close();
      for (const agent of agents) agent.close();
      if (failure !== undefined) throw failure;
      return chats;
    },
  });
}
