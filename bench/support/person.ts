/**
 * A contact or an agent at the far end of a line: says hello, sends commands and waits for their
 * answers while a scene is set. In the measured part the loads look at the frames themselves.
 */
import { systemRandom } from '#core/platform/random.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import type { RefusalCode } from '#core/protocol/errors.ts';
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import { type Line, openWebSocket } from './line.ts';
import { sleep } from './pace.ts';

export type SocketAddress = { port: number; path: string };
export type Person = Awaited<ReturnType<typeof openPerson>>;

const HEARTBEAT_MS = 15_000;
const ANSWERS_WITHIN_MS = 20_000;

const BUSY_WAIT_MS = 50;

class Refused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(`refused: ${code}`);
    this.code = code;
  }
}

export const newId = (): string => systemRandom.uuid(Date.now());

/** @returns a command as it goes over the wire */
export const commandText = (id: string, command: ContactCommand | AgentCommand): string =>
  JSON.stringify({ t: 'command', id, command } satisfies ClientFrame);

/** What a contact who was here before brings with him. */
export type Known = { token: string; epoch: string; resume: Record<string, number> };

/** @param cookie of an agent who has signed in; without it a contact */
export async function openPerson(at: SocketAddress, cookie?: string, known?: Known) {
  const waiting = new Map<string, (frame: ServerFrame) => void>();
  const seen = new Map<string, number>();
  let hear: ((payload: Buffer) => void) | undefined;
  const line: Line = await openWebSocket(
    cookie === undefined ? at : { ...at, cookie },
    (payload) => (hear === undefined ? settle(JSON.parse(payload.toString())) : hear(payload)),
  );
  const heartbeat = setInterval(() => line.send('{"t":"ping"}'), HEARTBEAT_MS);

  function settle(frame: ServerFrame): void {
    if (frame.t === 'events') seen.set(frame.conversation, frame.events.at(-1)?.seq ?? 0);
    const key = frame.t === 'ack' || frame.t === 'refusal' ? (frame.id ?? 'hello') : keyOf(frame);
    waiting.get(key)?.(frame);
    waiting.delete(key);
  }

  function until(key: string): Promise<ServerFrame> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new Error(`no answer to ${key}`));
      const timer = setTimeout(giveUp, ANSWERS_WITHIN_MS);
      waiting.set(key, (frame) => {
        clearTimeout(timer);
        if (frame.t === 'refusal') reject(new Refused(frame.code));
        else resolve(frame);
      });
    });
  }

  /**
   * Only while a scene is set: afterwards `listen` gets all frames. A busy server is asked again
   * with the same id, as people's browsers do.
   */
  async function command(body: ContactCommand | AgentCommand): Promise<ServerFrame> {
    const id = newId();
    const end = performance.now() + ANSWERS_WITHIN_MS;
    for (;;) {
      line.send(commandText(id, body));
      try {
        return await until(id);
      } catch (error) {
        const isBusy = error instanceof Refused && error.code === 'busy';
        if (!isBusy || performance.now() > end) throw error;
        await sleep(BUSY_WAIT_MS);
      }
    }
  }

  /** Resolves with the history; from then on the conversation's events arrive. */
  function watch(conversation: string): Promise<ServerFrame> {
    line.send(JSON.stringify({ t: 'watch', conversation, after: 0 } satisfies ClientFrame));
    return until(conversation);
  }

  const as = cookie === undefined ? 'contact' : 'agent';
  const hello = { t: 'hello', protocol: PROTOCOL_VERSION, as, ...known } satisfies ClientFrame;
  line.send(JSON.stringify(hello));
  const welcome = await until('hello');
  if (welcome.t !== 'welcome') throw new Error(`instead of a welcome came ${welcome.t}`);

  return Object.freeze({
    welcome,
    /** Last seq per conversation, while nobody listens. */
    seen,
    send: line.send,
    sendBytes: line.sendBytes,
    command,
    watch,
    /** From now on every frame goes to `onFrame`, unparsed. */
    listen: (onFrame: (payload: Buffer) => void) => {
      hear = onFrame;
    },
    close: () => {
      clearInterval(heartbeat);
      line.close();
    },
    drop: () => {
      clearInterval(heartbeat);
      line.drop();
    },
  });
}

function keyOf(frame: ServerFrame): string {
  if (frame.t === 'welcome') return 'hello';
  return frame.t === 'events' ? frame.conversation : '';
}
