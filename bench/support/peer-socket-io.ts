/**
 * The peer's process: a small chat server as one writes it with socket.io, with the same
 * durability as Tresen: the same rows in the same tables of SQLite (WAL, synchronous=FULL), the
 * ack after the commit, the message emitted to the agent's room. WebSocket transport only.
 * `each`: one transaction per message in the handler, the way its documentation shows.
 * `turn`: all messages of one loop turn share a transaction, as somebody would who tunes it.
 * No queue, no bot, no limits, no sign-in, no check for repeated commands: it does less.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { ConversationState } from '#core/protocol/apply.ts';
import { databaseFile, migrate, openWriter } from '#core/store/sqlite.ts';
import { createExecutor, createMessageRows, type Unit } from './message-rows.ts';

export type SocketIoMode = 'each' | 'turn';

type Message = { id: string; conversation: string; text: string };
type Done = (answer?: { seq: number; at: number }) => void;

const [, , dataDir = '', mode = 'each'] = process.argv;
const file = databaseFile(dataDir);
migrate(file);
const db = openWriter(file);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const execute = createExecutor(db);
const rows = createMessageRows();
const states = new Map<string, ConversationState>();
const rooms = new Map<string, string>();
let waiting: { message: Message; done: Done }[] = [];

const httpServer = createServer();
const io = new Server(httpServer, {
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
});

function store(units: readonly Unit[]): void {
  begin.run();
  for (const { statements } of units) execute(statements);
  commit.run();
}

function unitOf({ id, conversation, text }: Message): Unit {
  const state = states.get(conversation);
  if (state === undefined) throw new Error(`unknown conversation ${conversation}`);
  const unit = rows.message(state, id, text);
  states.set(conversation, unit.state);
  return unit;
}

function tell({ state, events }: Unit, done: Done): void {
  const event = events[0];
  if (event === undefined) return;
  done({ seq: event.seq, at: event.at });
  io.to(rooms.get(state.id) ?? '').emit('message', event);
}

function storeTurn(): void {
  const turn = waiting;
  waiting = [];
  const units = turn.map(({ message }) => unitOf(message));
  store(units);
  for (const [i, unit] of units.entries()) {
    const done = turn[i]?.done;
    if (done) tell(unit, done);
  }
}

io.on('connection', (socket) => {
  socket.on('join', (agent: number, done: Done) => {
    socket.join(`agent:${agent}`);
    done();
  });
  socket.on('open', (open: { conversation: string; agent: number }, done: Done) => {
    const unit = rows.taken(open.conversation);
    store([unit]);
    states.set(open.conversation, unit.state);
    rooms.set(open.conversation, `agent:${open.agent}`);
    done();
  });
  socket.on('message', (message: Message, done: Done) => {
    if (mode === 'turn') {
      if (waiting.push({ message, done }) === 1) setImmediate(storeTurn);
      return;
    }
    const unit = unitOf(message);
    store([unit]);
    tell(unit, done);
  });
});

process.once('disconnect', () => process.exit(0));
httpServer.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (httpServer.address() as AddressInfo).port });
});
