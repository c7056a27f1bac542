/**
 * A contact or an agent at the far end of a line: says hello, sends commands and waits for their
 * answers while a scene is set. In the measured part the loads look at the frames themselves.
 */
import { systemRandom } from '#core/platform/random.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import { type Line, openWebSocket } from './line.ts';

export type SocketAddress = { port: number; path: string };
export type Person = Awaited<ReturnType<typeof openPerson>>;

const HEARTBEAT_MS = 15_000;
const ANSWERS_WITHIN_MS = 20_000;

export const newId = (): string => systemRandom.uuid(Date.now());

/** @returns a command as it goes over the wire */
export const commandText = (id: string, command: ContactCommand | AgentCommand): string =>
  JSON.stringify({ t: 'command', id, command } satisfies ClientFrame);

export async function openPerson(at: SocketAddress, cookie?: string) {
  const waiting = new Map<string, (frame: ServerFrame) => void>();
  let hear: ((payload: Buffer) => void) | undefined;
  const line: Line = await openWebSocket(
    cookie === undefined ? at : { ...at, cookie },
    (payload) => (hear === undefined ? settle(JSON.parse(payload.toString())) : hear(payload)),
  );
  const heartbeat = setInterval(() => line.send('{"t":"ping"}'), HEARTBEAT_MS);

  function settle(frame: ServerFrame): void {
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
        if (frame.t === 'refusal') reject(new Error(`refused: ${frame.code}`));
        else resolve(frame);
      });
    });
  }

  /** Only while a scene is set: afterwards `listen` gets all frames. */
  function command(body: ContactCommand | AgentCommand): Promise<ServerFrame> {
    const id = newId();
    line.send(commandText(id, body));
    return until(id);
  }

  /** Resolves with the history; from then on the conversation's events arrive. */
  function watch(conversation: string): Promise<ServerFrame> {
    line.send(JSON.stringify({ t: 'watch', conversation, after: 0 } satisfies ClientFrame));
    return until(conversation);
  }

  const as = cookie === undefined ? 'contact' : 'agent';
  line.send(JSON.stringify({ t: 'hello', protocol: PROTOCOL_VERSION, as } satisfies ClientFrame));
  await until('hello');

  return Object.freeze({
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
  });
}

function keyOf(frame: ServerFrame): string {
  if (frame.t === 'welcome') return 'hello';
  return frame.t === 'events' ? frame.conversation : '';
}
