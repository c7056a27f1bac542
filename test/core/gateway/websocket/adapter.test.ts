/**
 * The part that both adapters share, without a socket: order, one write per turn, limits, and who
 * is told what how often. The same over real sockets is the conformance suite.
 */
import { expect, it } from 'vitest';
import {
  createSocketSet,
  handshakeFault,
  plainAddress,
  SOCKET_LIMITS,
} from '#core/gateway/websocket/adapter.ts';
import type { Upgrade } from '#core/gateway/websocket/socket.ts';
import { CLOSE } from '#core/protocol/errors.ts';

const upgrade: Upgrade = {
  path: '/socket',
  origin: undefined,
  host: undefined,
  cookie: undefined,
  address: '192.0.2.1',
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(limits = SOCKET_LIMITS) {
  const said: string[] = [];
  const handler = {
    admit: () => undefined,
    onOpen: () => {},
    onMessage: () => {},
    onClose: (_: unknown, code: number) => said.push(`closed ${code}`),
  };
  const wire = {
    waiting: 0,
    buffered: () => wire.waiting,
    write: (texts: readonly string[]) => said.push(`write ${texts.join(' ')}`),
    end: (code: number) => said.push(`end ${code}`),
  };
  const set = createSocketSet(handler, limits);
  return { said, wire, set, socket: set.opened(upgrade, wire) };
}

it('writes once per turn, in order, and closes behind it', async () => {
  const { said, set, socket } = setUp();
  socket.send('a');
  socket.send('b');
  expect(said).toEqual([]);
  expect(set.bufferedBytes()).toBe(22);
  await turn();
  socket.send('c');
  socket.close(1000, '');
  socket.send('d');
  await turn();
  expect(said).toEqual(['write a b', 'write c', 'end 1000', 'closed 1000']);
  expect(set.bufferedBytes()).toBe(0);
});

it('tells of the end once, whoever was first', async () => {
  const { said, socket } = setUp();
  socket.send('never written');
  socket.close(4001, '');
  socket.gone(1006);
  socket.gone(1006);
  await turn();
  expect(said).toEqual(['closed 1006']);
});

it('judges a reader by what he has not taken, not by what was only collected', async () => {
  const { said, wire, socket } = setUp({ ...SOCKET_LIMITS, bufferMaxBytes: 100 });
  socket.send('x'.repeat(80));
  socket.send('y'.repeat(80));
  expect(said.length).toBe(1);
  wire.waiting = 90;
  socket.send('z');
  await turn();
  expect(said.slice(1).map((s) => s.slice(0, 8))).toEqual(['write yy', 'end 4008', 'closed 4']);
  expect(CLOSE.slow_reader_resume).toBe(4008);
});

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['0000:0000:0000:0000:0000:ffff:c000:0207', '192.0.2.7'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['', ''],
])('spells the address %s as %s', (from, to) => expect(plainAddress(from)).toBe(to));

it('knows a sound handshake', () => {
  const sound = {
    method: 'get',
    connection: 'keep-alive, Upgrade',
    upgrade: 'WebSocket',
    key: 'dGhlIHNhbXBsZSBub25jZQ==',
    version: '13',
  };
  expect(handshakeFault(sound)).toBeUndefined();
  expect(handshakeFault({ ...sound, connection: 'upgrade' })).toBeUndefined();
  expect(handshakeFault({ ...sound, connection: undefined })).toBe(400);
  expect(handshakeFault({ ...sound, connection: 'no-upgrade-at-all' })).toBe(400);
  expect(handshakeFault({ ...sound, key: undefined })).toBe(400);
});
