/**
 * How uWebSockets.js is set up, which can be seen without its binary: nothing compressed, nothing
 * skipped, no limit of the library below ours. What it does then is the conformance suite's part.
 * The stand-in below is only asked what it was told.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOCKET_LIMITS } from '#core/gateway/websocket/adapter.ts';
import { createUwsServer, type UwsModule } from '#core/gateway/websocket/server-uws.ts';
import { FRAME_MAX_BYTES, SILENCE_MAX_MS } from '#core/platform/limits.ts';

type Behavior = Parameters<ReturnType<UwsModule['App']>['ws']>[1];

const DISABLED = 0;
/** What the conformance suite sends in one text at most. */
const LARGEST_TEXT_SEEN = 4 * SOCKET_LIMITS.bufferMaxBytes;
/** uWebSockets.js allows no more, and no less than 8 unless it is 0. */
const IDLE_TIMEOUT_MAX_SECONDS = 960;

async function settings(): Promise<Behavior> {
  let told: Behavior | undefined;
  const app: ReturnType<UwsModule['App']> = {
    ws(_, behavior) {
      told = behavior;
      return app;
    },
    any: () => app,
    listen(_host, _port, _options, done) {
      done({});
      return app;
    },
  };
  const module: UwsModule = {
    App: () => app,
    DISABLED,
    LIBUS_LISTEN_EXCLUSIVE_PORT: 1,
    us_listen_socket_close: () => {},
    us_socket_local_port: () => 1,
  };
  const handler = { admit: () => 403, onOpen() {}, onMessage() {}, onClose() {} };
  await createUwsServer({ module, host: '127.0.0.1', port: 0, path: '/socket', handler });
  return told ?? expect.fail('nothing was set up');
}

describe('uWebSockets.js is told', () => {
  it('to compress nothing', async () => {
    expect((await settings()).compression).toBe(DISABLED);
  });

  it('to close at its limit of waiting bytes, which lies above ours and any one text', async () => {
    const { closeOnBackpressureLimit, maxBackpressure } = await settings();
    expect(closeOnBackpressureLimit).toBe(true);
    const { bufferMaxBytes } = SOCKET_LIMITS;
    expect(maxBackpressure).toBeGreaterThan(bufferMaxBytes + LARGEST_TEXT_SEEN);
  });

  it('to read a little more than one frame, so that the client hears our code', async () => {
    expect((await settings()).maxPayloadLength).toBe(2 * FRAME_MAX_BYTES);
  });

  it('to leave the heartbeat to us, and to end what is silent for much longer', async () => {
    const { idleTimeout, sendPingsAutomatically } = await settings();
    expect(sendPingsAutomatically).toBe(false);
    expect(idleTimeout * 1_000).toBeGreaterThan(2 * SILENCE_MAX_MS);
    expect(idleTimeout).toBeLessThanOrEqual(IDLE_TIMEOUT_MAX_SECONDS);
  });
});

it('nothing in the gateway publishes: slow readers would be skipped without a word (G6)', () => {
  const folder = join(import.meta.dirname, '../../../../core/gateway');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts'));
  expect(sources).toContain(join('websocket', 'server-uws.ts'));
  const publishing = sources.filter((file) => {
    const code = readFileSync(join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    return /\b(publish|subscribe|unsubscribe|sendFragment|sendFirstFragment)\b/.test(code);
  });
  expect(publishing).toEqual([]);
});
