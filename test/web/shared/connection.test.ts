/** The line comes back: back-off, heartbeat, waking up, and codes after which it must not. */
import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { createConnection } from '../../../web/shared/connection.ts';
import { BACKOFF_MAX_MS, PROBE_MS, WELCOME_WITHIN_MS } from '../../../web/shared/line.ts';
import { createFakeEnvironment, WELCOME } from './fake-environment.ts';

function connect() {
  const fake = createFakeEnvironment();
  const statuses: string[] = [];
  const frames: ServerFrame[] = [];
  const refused: number[] = [];
  let hellos = 0;
  const connection = createConnection({
    address: '/socket',
    environment: fake.environment,
    hello: () => ({ t: 'hello', protocol: 1, as: 'contact', token: `hello-${++hellos}` }),
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    onOutbox: () => {},
    onRefused: (code) => refused.push(code),
  });
  const goLive = () => {
    fake.newest().opens();
    fake.newest().says(WELCOME);
  };
  return { ...fake, connection, statuses, frames, refused, goLive };
}

describe('connection', () => {
  it('says hello first, and is live with the welcome', () => {
    const { newest, statuses, goLive, frames } = connect();
    goLive();
    expect(newest().sent).toEqual([{ t: 'hello', protocol: 1, as: 'contact', token: 'hello-1' }]);
    expect(statuses).toEqual(['connecting', 'live']);
    expect(frames).toEqual([WELCOME]);
  });

  it('comes back with a new hello, later and later, never later than the maximum', () => {
    const { sockets, newest, passes, statuses, setRandom, goLive } = connect();
    goLive();
    setRandom(0.999_999);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      newest().closes(1006);
      const before = sockets.length;
      let waited = 0;
      while (sockets.length === before) {
        passes(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(Math.max(...waits)).toBe(BACKOFF_MAX_MS);
    goLive();
    expect(newest().sent[0]).toMatchObject({ token: 'hello-2' });
    expect(statuses).toEqual(['connecting', 'live', 'offline', 'live']);
  });

  it('uses full jitter: the wait is a share of the ceiling', () => {
    const { sockets, newest, passes, setRandom, goLive } = connect();
    goLive();
    setRandom(0.4);
    newest().closes(1006);
    passes(199);
    expect(sockets).toHaveLength(1);
    passes(1);
    expect(sockets).toHaveLength(2);
  });

  it('comes back at once when the network or the page wakes up', () => {
    const { sockets, newest, wake, goLive } = connect();
    goLive();
    newest().closes(1006);
    wake();
    expect(sockets).toHaveLength(2);
  });

  it('probes a live socket on waking up and drops it when it stays silent', () => {
    const { sockets, newest, wake, passes, goLive } = connect();
    goLive();
    wake();
    expect(newest().sent.at(-1)).toEqual({ t: 'ping' });
    passes(PROBE_MS);
    expect(sockets[0]?.closedWith).toBe(4001);
    passes(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('pings every heartbeat and takes 2.2 heartbeats of silence for death', () => {
    const { sockets, newest, passes, goLive, statuses } = connect();
    goLive();
    passes(20_000);
    expect(newest().sent.at(-1)).toEqual({ t: 'ping' });
    newest().says({ t: 'pong' });
    passes(43_999);
    expect(sockets[0]?.closedWith).toBeUndefined();
    passes(1);
    expect(sockets[0]?.closedWith).toBe(4001);
    expect(statuses.at(-1)).toBe('offline');
  });

  it('gives up a socket that is never welcomed', () => {
    const { sockets, passes } = connect();
    passes(WELCOME_WITHIN_MS);
    expect(sockets[0]?.closedWith).toBe(4001);
    passes(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('does not come back after a code of 4500 and above', () => {
    const { sockets, newest, passes, wake, refused, goLive, timers } = connect();
    goLive();
    newest().closes(4502);
    wake();
    passes(100_000);
    expect(sockets).toHaveLength(1);
    expect(refused).toEqual([4502]);
    expect(timers()).toBe(0);
  });

  it('drops passing frames while not live, and leaves no timer behind when closed', () => {
    const { connection, newest, goLive, timers } = connect();
    connection.send({ t: 'availability', availability: 'away' });
    goLive();
    expect(newest().sent).toHaveLength(1);
    connection.close();
    expect(newest().closedWith).toBe(1000);
    expect(timers()).toBe(0);
  });

  it('survives what is not a frame', () => {
    const { newest, frames, goLive } = connect();
    goLive();
    newest().onmessage?.({ data: 'not json' });
    newest().onmessage?.({ data: '7' });
    newest().onmessage?.({ data: 'null' });
    expect(frames).toHaveLength(1);
  });
});
