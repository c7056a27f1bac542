/**
 * Many contacts and some agents in this process, all of them production clients against a real
 * server. Contacts who have said all leave and new ones come, so that a run may be of any length.
 */
import { seeded } from '../../../bench/support/random.ts';
import { createFleetAgent, type FleetAgent } from './agent.ts';
import { type Contact, type ContactOptions, createContact } from './contact.ts';
import type { History } from './history.ts';

export type Fleet = ReturnType<typeof createFleet>;

export type FleetOptions = {
  /** http://host:port of the server or of a proxy before it; the port has to stay. */
  url: string;
  history: History;
  seed: number;
  /** At the same time. Default 24. */
  contacts?: number;
  /** Of each contact. Default 5: as many commands as an outbox has in flight. */
  conversations?: number;
  /** Per conversation. Default 120. */
  messagesMax?: number;
  /** Default 2. */
  backlog?: number;
  /** Between an ack and the next message, default 0. */
  pauseMs?: number;
  /** Contacts ask for a person at once, so that the bot stays quiet. Default true. */
  wantsPerson?: boolean;
  text?: ContactOptions['text'];
  /** Cookies of signed-in agents. */
  cookies?: readonly string[];
  /** Conversations that each agent watches and takes. Default 20 and 8. */
  watchMax?: number;
  takeMax?: number;
  agentPauseMs?: number;
};

const CALM_WITHIN_MS = 60_000;
const QUIET_MS = 200;
const LOOK_EVERY_MS = 20;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createFleet(options: FleetOptions) {
  const { history, cookies = [] } = options;
  const address = `${options.url.replace(/^http/, 'ws')}/socket`;
  const random = seeded(options.seed);
  const contacts = new Set<Contact>();
  let isWriting = true;
  let born = 0;

  const agents: FleetAgent[] = cookies.map((cookie, i) =>
    createFleetAgent({
      name: `agent-${i}`,
      address,
      cookie,
      history,
      random,
      cares: (conversation) => shareOf(conversation) % cookies.length === i,
      watchMax: options.watchMax ?? 20,
      takeMax: options.takeMax ?? 8,
      pauseMs: options.agentPauseMs ?? 5,
      isWriting: () => isWriting,
    }),
  );

  function addContact(): void {
    const contact = createContact({
      name: `contact-${born++}`,
      address,
      history,
      random,
      conversations: options.conversations ?? 5,
      messagesMax: options.messagesMax ?? 120,
      backlog: options.backlog ?? 2,
      pauseMs: options.pauseMs ?? 0,
      wantsPerson: options.wantsPerson ?? true,
      ...(options.text && { text: options.text }),
      isWriting: () => isWriting,
      onDone: replace,
    });
    contacts.add(contact);
  }

  /** In the next turn: the frame that made this contact the last has not been read to its end. */
  function replace(contact: Contact): void {
    setImmediate(() => {
      if (!isWriting || !contacts.delete(contact)) return;
      contact.record(false);
      contact.close();
      for (const agent of agents) for (const id of contact.conversations()) agent.leave(id);
      addContact();
    });
  }

  for (let i = 0; i < (options.contacts ?? 24); i++) addContact();

  const people = () => [...contacts, ...agents];

  async function until(is: () => boolean, what: () => string, withinMs: number): Promise<void> {
    const end = performance.now() + withinMs;
    while (!is()) {
      if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what()}`);
      await pause(LOOK_EVERY_MS);
    }
  }

  const unanswered = (): number =>
    people().reduce((sum, person) => sum + person.pending().length, 0);

  /** Readers that do not hold everything that is known to be stored. */
  function behind(): string[] {
    const reached = history.reached();
    const isBehind = (person: Contact | FleetAgent, id: string): boolean =>
      (person.views().get(id)?.state.seq ?? 0) < (reached.get(id) ?? 0);
    return [
      ...[...contacts].flatMap((c) => c.conversations().filter((id) => isBehind(c, id))),
      ...agents.flatMap((a) => [...a.watched()].filter((id) => isBehind(a, id))),
    ];
  }

  /** The bot still owes somebody a reply. */
  const isBotExpected = (): boolean =>
    [...contacts].some((contact) =>
      contact.conversations().some((id) => {
        const state = contact.views().get(id)?.state;
        return state?.owner.kind === 'bot' && state.contactSeq > state.answeredSeq;
      }),
    );

  /**
   * No new messages; everything written gets its answer and every reader holds everything.
   * @throws Error when that takes too long: something is stuck
   */
  async function calm(withinMs: number = CALM_WITHIN_MS): Promise<void> {
    isWriting = false;
    wake();
    const stuck = (): string =>
      `${unanswered()} commands without an answer, ${behind().length} views behind`;
    const isCalm = (): boolean =>
      unanswered() === 0 &&
      history.quietMs() > QUIET_MS &&
      behind().length === 0 &&
      !isBotExpected();
    await until(isCalm, stuck, withinMs);
  }

  const wake = (): void => {
    for (const person of people()) person.wake();
  };

  return Object.freeze({
    contacts: (): ReadonlySet<Contact> => contacts,
    agents: (): readonly FleetAgent[] => agents,
    /** Writing stops; what waits in the outboxes still leaves. */
    hold: (): void => {
      isWriting = false;
    },
    resume: (): void => {
      isWriting = true;
      for (const person of people()) person.resume();
    },
    calm,
    /** Every client tries to connect at once, as after a page was looked at again. */
    wake,
    /** Loads the page of some contacts again, chosen by the seed. */
    reload: (count: number): void => {
      const all = [...contacts];
      for (let i = 0; i < count; i++) all[Math.floor(random() * all.length)]?.reload();
    },
    live: (): number => people().filter((person) => person.status() === 'live').length,
    unanswered,
    /** @throws Error when it takes longer */
    untilAcked: (count: number, withinMs: number): Promise<void> =>
      until(
        () => history.acked() >= count,
        () => `${history.acked()} of ${count} acked, ${unanswered()} unanswered`,
        withinMs,
      ),
    until: (is: () => boolean, what: string, withinMs: number): Promise<void> =>
      until(is, () => what, withinMs),
    /** Hands every reader's views to the history. */
    record: (isFinal: boolean): void => {
      for (const person of people()) person.record(isFinal);
    },
    close: (): void => {
      isWriting = false;
      for (const person of people()) person.close();
    },
  });
}

/** The last digits of a UUID are chance: they share the conversations out. */
const shareOf = (id: string): number => Number.parseInt(id.slice(-6), 16);
