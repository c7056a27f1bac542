/**
 * A connection's life with time in the test's hands: hello in time, silence, floods, and answers
 * under the command's id whatever happens inside.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { createBucket } from '#core/gateway/rate-limit.ts';
import { createConnections, PARSERS, type Peer } from '#core/gateway/websocket/connection.ts';
import type { Socket } from '#core/gateway/websocket/socket.ts';
import { HELLO_WITHIN_MS, SILENCE_MAX_MS } from '#core/platform/limits.ts';
import { createLog } from '#core/platform/log.ts';
import { createMetrics } from '#core/platform/metrics.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { newId } from '#test/support/core.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const HELLO = JSON.stringify({ t: 'hello', protocol: 1, as: 'contact' });
const PING = '{"t":"ping"}';
const clock = createVirtualClock();
let welcome: () => Promise<Peer>;
let onFrame: Peer['onFrame'];
let closed: number;
let isBehind: boolean;

beforeEach(() => {
  closed = 0;
  isBehind = false;
  onFrame = () => undefined;
  welcome = async () => ({
    kind: 'contact',
    parse: PARSERS.contact,
    onFrame: (frame) => onFrame(frame),
    onClose: () => {
      closed++;
    },
    bucket: createBucket(5, 1, clock.elapsed),
  });
});

/** A connected socket and what it was sent; the library's part is done by `conformance.test.ts`. */
function connect() {
  const connections = createConnections({
    clock,
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    bucket: (burst, perSecond) => createBucket(burst, perSecond, clock.elapsed),
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
    isBehind: () => isBehind,
    admit: () => undefined,
    welcome: () => welcome(),
  });
  const frames: ServerFrame[] = [];
  const codes: number[] = [];
  const socket: Socket = {
    upgrade: { path: '', origin: undefined, host: undefined, cookie: undefined, address: '' },
    send: (text) => void frames.push(JSON.parse(text)),
    close: (code) => {
      codes.push(code);
      connections.onClose(socket, code);
    },
  };
  connections.onOpen(socket);
  const say = async (text: string): Promise<void> => {
    connections.onMessage(socket, text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { say, frames, codes };
}
const command = (body: object) => JSON.stringify({ t: 'command', id: newId(), command: body });

describe('hello', () => {
  it('is due in time, and pings do not stand for it', async () => {
    const { say, codes } = connect();
    for (let passed = 0; passed <= HELLO_WITHIN_MS; passed += 1_000) {
      await say(PING);
      clock.advance(1_000);
    }
    expect(codes).toEqual([CLOSE.hello_missing]);
  });

  it('that fails inside ends the connection, so that the client tries again', async () => {
    welcome = () => Promise.reject(new Error('unreadable'));
    const { say, codes } = connect();
    await say(HELLO);
    expect(codes).toEqual([CLOSE.internal_error]);
  });
});

describe('afterwards', () => {
  it('silence ends it, pings do not', async () => {
    const { say, codes } = connect();
    await say(HELLO);
    for (let i = 0; i < 4; i++) {
      clock.advance(SILENCE_MAX_MS / 2);
      await say(PING);
    }
    expect(codes).toEqual([]);
    clock.advance(SILENCE_MAX_MS + 2_000);
    expect(codes).toEqual([CLOSE.heartbeat_lost]);
    expect(closed).toBe(1);
  });

  it('while the disk is far behind commands are refused as busy, everything else is heard', async () => {
    const heard: unknown[] = [];
    onFrame = (frame) => void heard.push(frame);
    const { say, frames } = connect();
    await say(HELLO);
    isBehind = true;
    await say(command({ type: 'human.request', conversation: newId() }));
    await say(PING);
    expect(frames.slice(-2)).toMatchObject([{ t: 'refusal', code: 'busy' }, { t: 'pong' }]);
    isBehind = false;
    await say(command({ type: 'human.request', conversation: newId() }));
    expect(heard).toHaveLength(1);
  });

  it('whoever only pings is asked as well whether he may still be there', async () => {
    let pings = 0;
    const before = welcome;
    welcome = async () => ({ ...(await before()), onPing: () => void pings++ });
    const { say, frames } = connect();
    await say(PING);
    await say(HELLO);
    await say(PING);
    expect(pings).toBe(1);
    expect(frames.filter(({ t }) => t === 'pong')).toHaveLength(2);
  });

  it('a command that fails inside is refused under its own id, and the next one is heard', async () => {
    onFrame = () => Promise.reject(new Error('broken'));
    const { say, frames, codes } = connect();
    await say(HELLO);
    const text = command({ type: 'human.request', conversation: newId() });
    await say(text);
    expect(frames.at(-1)).toEqual({
      t: 'refusal',
      id: JSON.parse(text).id,
      code: 'store_unavailable',
    });
    expect(codes).toEqual([]);
  });

  it('a stream of commands that are refused for their content ends it', async () => {
    const { say, codes } = connect();
    await say(HELLO);
    for (let i = 0; i < 40; i++) await say(command({ type: 'account.delete' }));
    expect(codes[0]).toBe(CLOSE.frame_malformed);
  });

  it('a flood of pings ends it', async () => {
    const { say, codes } = connect();
    await say(HELLO);
    for (let i = 0; i < 400; i++) await say(PING);
    expect(codes[0]).toBe(CLOSE.frame_malformed);
  });

  it('too many commands are told when to go on', async () => {
    const { say, frames, codes } = connect();
    await say(HELLO);
    for (let i = 0; i < 6; i++)
      await say(command({ type: 'human.request', conversation: newId() }));
    expect(frames.at(-1)).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
    expect(codes).toEqual([]);
  });
});
