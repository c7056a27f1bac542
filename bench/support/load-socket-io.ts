/**
 * The peer socket.io: contacts send, the server stores, acknowledges and emits to the agent's
 * room. Written frame by frame by the same generator that drives Tresen, because socket.io's own
 * client would cost more than its server (Engine.IO 4 over WebSocket, Socket.IO 5).
 */
import { closedLoop } from './closed-loop.ts';
import type { LoadResult, SocketIoJob, WindowMarks } from './jobs.ts';
import { type Line, openWebSocket } from './line.ts';
import { durableText, numberedId } from './load-durable.ts';
import { several, within } from './pace.ts';
import { newId } from './person.ts';

/** Engine.IO packets: 0 open, 2 ping, 3 pong, 4 message; Socket.IO: 0 connect, 2 event, 3 ack. */
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;
const OPENED_AT_ONCE = 64;
const REST_MS = 3_000;

export async function loadSocketIo(job: SocketIoJob, marks: WindowMarks): Promise<LoadResult> {
  const text = durableText(job.textLength);
  let delivered = 0;
  let acked = 0;
  let number = 0;
  const agents = await several(job.agents, OPENED_AT_ONCE, async (index) => {
    const agent = await openSocketIo(job.at, { onEvent: () => delivered++, onAck: () => {} });
    await agent.ask('join', index);
    return agent;
  });
  const result = await closedLoop(job, marks, async (index, answered) => {
    const conversation = newId();
    let isReady = false;
    const onAck = (): void => {
      if (!isReady) return;
      acked++;
      answered();
    };
    const contact = await openSocketIo(job.at, { onEvent: () => {}, onAck });
    await contact.ask('open', { conversation, agent: index % job.agents });
    isReady = true;
    const send = (): void => {
      contact.emit('message', { id: numberedId(number++), conversation, text });
    };
    return { send, close: contact.close };
  });
  await within(REST_MS, () => delivered >= acked);
  for (const agent of agents) agent.close();
  return { ...result, missing: Math.max(0, acked - delivered) };
}

async function openSocketIo(at: { port: number }, on: { onEvent: () => void; onAck: () => void }) {
  let nextId = 0;
  let settle: (() => void) | undefined;
  const connected = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const path = '/socket.io/?EIO=4&transport=websocket';
  const line: Line = await openWebSocket({ port: at.port, path }, (payload) => {
    if (payload[0] === PING) line.send('3');
    else if (payload[0] === MESSAGE) heard(payload[1]);
  });

  function heard(kind: number | undefined): void {
    if (kind === EVENT) on.onEvent();
    if (kind === ACK) on.onAck();
    if (kind !== ACK && kind !== CONNECT) return;
    settle?.();
    settle = undefined;
  }

  const emit = (name: string, value: unknown): void =>
    line.send(`42${nextId++}${JSON.stringify([name, value])}`);

  /** Resolves with the ack; one at a time. */
  function ask(name: string, value: unknown): Promise<void> {
    const answer = new Promise<void>((resolve) => {
      settle = resolve;
    });
    emit(name, value);
    return answer;
  }

  line.send('40');
  await connected;
  return { emit, ask, close: line.close };
}
