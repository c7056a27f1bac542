/**
 * A client that does not keep to the rules: speaks before hello, reuses ids with other words,
 * writes into other people's conversations, asks for what only agents may. It has no right to
 * anything but a refusal; that it got nothing more is what the other checks say.
 */
import { PROTOCOL_VERSION, type ServerFrame } from '#core/protocol/frames.ts';
import type { Chance } from './chance.ts';
import type { Line, Network } from './network.ts';
import { saying } from './truth.ts';

const ACTIONS = {
  rush: 4,
  silent: 1,
  write: 4,
  takeOver: 2,
  sameIdOtherText: 8,
  sameIdSameText: 2,
  sameIdElsewhere: 2,
  elsewhere: 2,
  watch: 2,
  asAgent: 1,
  nonsense: 1,
  agentCommand: 2,
  hangUp: 1,
} as const;

const RUSH_MAX = 6;

export type Intruder = ReturnType<typeof createIntruder>;

export function createIntruder(deps: {
  chance: Chance;
  network: Network;
  now: () => number;
  /** Conversations of others. */
  foreign: () => readonly string[];
}) {
  const { chance } = deps;
  const name = 'intruder';
  let own: string | undefined;
  let token: string | undefined;
  let last: { id: string; text: string; conversation: string } | undefined;
  let said = 0;
  let rushed = 0;
  let line = dial('contact');

  const send = (frame: unknown): void => {
    if (line.socket.readyState === 1) line.socket.send(JSON.stringify(frame));
  };
  const text = (): string => saying(name, ++said, true, 'hallo');
  const command = (command: object, id = chance.uuid(deps.now())): string => {
    send({ t: 'command', id, command });
    return id;
  };

  function write(conversation: string, id?: string, words = text()): void {
    const sent = command({ type: 'message.send', conversation, text: words }, id);
    last = { id: sent, text: words, conversation };
  }

  /** Several at once without waiting for acks: allowed, and stored in this order. */
  function rush(conversation: string): void {
    for (let left = chance.between(2, RUSH_MAX); left > 0; left--) {
      const words = saying(`rusher-${line.number}`, ++rushed, false, 'schnell');
      command({ type: 'message.send', conversation, text: words });
    }
  }

  function open(): void {
    own = chance.uuid(deps.now());
    command({ type: 'conversation.open', conversation: own, language: 'en' });
  }

  /** @param as whom he claims to be; undefined: he says no hello */
  function dial(as: 'contact' | 'agent' | undefined): Line {
    const dialled = deps.network.open(name);
    const { socket } = dialled;
    socket.onopen = () => {
      const hello = { t: 'hello', protocol: PROTOCOL_VERSION, as, ...(token && { token }) };
      if (as) socket.send(JSON.stringify(hello));
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.t === 'welcome') token = frame.contact?.token ?? token;
    };
    return dialled;
  }

  function redial(as: 'contact' | 'agent' | undefined): void {
    line.socket.close();
    line = dial(as);
  }

  function act(): void {
    if (line.socket.readyState > 1) line = dial('contact');
    const foreign = deps.foreign();
    if (own === undefined || chance.happens(0.1)) return open();
    const other = foreign.length > 0 ? chance.pick(foreign) : chance.uuid(deps.now());
    switch (chance.weighted(ACTIONS)) {
      case 'silent':
        return redial(undefined);
      case 'rush':
        return rush(own);
      case 'write':
        return write(own);
      case 'takeOver':
        return void command({ type: 'conversation.open', conversation: other, language: 'en' });
      case 'sameIdOtherText':
        return last && write(last.conversation, last.id);
      case 'sameIdSameText':
        return last && write(last.conversation, last.id, last.text);
      case 'sameIdElsewhere':
        return last && write(other, last.id);
      case 'elsewhere':
        return void command({ type: 'human.request', conversation: other });
      case 'watch':
        return send({ t: 'watch', conversation: other, after: 0 });
      case 'asAgent':
        return redial('agent');
      case 'nonsense':
        return send({ t: 'command', id: 'x', command: {} });
      case 'agentCommand':
        return void command({ type: 'conversation.take', conversation: other });
      case 'hangUp':
        return line.socket.close();
    }
  }

  return { act };
}
