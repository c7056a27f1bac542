/**
 * A WebSocket client for tests that speaks the protocol as the browsers do: hello, commands with
 * answers, events by conversation. Keeps everything it received, in order.
 */
import { WebSocket } from 'ws';
import { systemRandom } from '#core/platform/random.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import type { AgentCommand, ContactCommand } from '#core/protocol/commands.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';

type Of<T extends ServerFrame['t']> = Extract<ServerFrame, { t: T }>;
export type Client = Awaited<ReturnType<typeof connect>>;

export const newId = (): string => systemRandom.uuid(Date.now());

/** @param url of the HTTP server; the hello is sent at once, resolves after the welcome */
export async function connect(
  url: string,
  hello: Partial<Extract<ClientFrame, { t: 'hello' }>> & { as: 'contact' | 'agent' },
  headers: Record<string, string> = {},
) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`, { headers });
  const frames: ServerFrame[] = [];
  const watchers = new Set<() => void>();
  let closedWith: number | undefined;
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    for (const look of watchers) look();
  });
  socket.on('close', (code) => {
    closedWith = code;
    for (const look of watchers) look();
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });

  /** Resolves with the first value that `look` finds now or later. */
  function until<T>(look: () => T | undefined, what: string, withinMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(check);
        reject(new Error(`no ${what} within ${withinMs} ms; got ${frames.length} frames`));
      }, withinMs);
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        watchers.delete(check);
        resolve(found);
      };
      watchers.add(check);
      check();
    });
  }

  const send = (frame: ClientFrame): void => socket.send(JSON.stringify(frame));
  const sendText = (text: string): void => socket.send(text);

  /** @returns the ack or the refusal of this command */
  function command(
    body: ContactCommand | AgentCommand,
    id: string = newId(),
  ): Promise<Of<'ack'> | Of<'refusal'>> {
    send({ t: 'command', id, command: body });
    return until(
      () =>
        frames.find(
          (frame): frame is Of<'ack'> | Of<'refusal'> =>
            (frame.t === 'ack' || frame.t === 'refusal') && frame.id === id,
        ),
      `answer to ${body.type}`,
    );
  }

  const eventsOf = (conversation: string): StoredEvent[] =>
    frames.flatMap((frame) =>
      frame.t === 'events' && frame.conversation === conversation ? frame.events : [],
    );

  const untilEvent = (
    conversation: string,
    is: (event: StoredEvent) => boolean,
    what = 'event',
    withinMs?: number,
  ): Promise<StoredEvent> => until(() => eventsOf(conversation).find(is), what, withinMs);

  const rows = (): ConversationState[] =>
    frames.flatMap((frame) =>
      frame.t === 'list' ? frame.rows : frame.t === 'row' ? [frame.row] : [],
    );

  send({ t: 'hello', protocol: PROTOCOL_VERSION, language: 'de', ...hello });
  const first = await until(
    () =>
      frames.find((frame): frame is Of<'welcome'> | Of<'refusal'> =>
        ['welcome', 'refusal'].includes(frame.t),
      ),
    'welcome',
  );

  return Object.freeze({
    first,
    welcome: () => {
      if (first.t !== 'welcome') throw new Error(`refused: ${first.code}`);
      return first;
    },
    frames,
    send,
    sendText,
    command,
    eventsOf,
    untilEvent,
    until,
    rows,
    closedWith: () => closedWith,
    untilClosed: () => until(() => closedWith, 'close'),
    close: () => socket.close(),
    /** The line breaks: no closing handshake. */
    cut: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
}
