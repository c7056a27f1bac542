/**
 * Runs the conformance suites over each adapter that loads here. The one that does not is named
 * with its reason by a test of its own: nothing is skipped silently.
 * `TRESEN_UWS=/path/to/uws.js` names a copy of uWebSockets.js that is not installed.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createUwsServer, loadUws } from '#core/gateway/websocket/server-uws.ts';
import { createWsServer } from '#core/gateway/websocket/server-ws.ts';
import { describeConformance } from './conformance.ts';
import type { Adapter } from './conformance-desk.ts';
import { describePromises } from './conformance-promises.ts';

const ws: Adapter = {
  name: 'ws',
  differs: new Set(),
  async start(handler, options) {
    let writes = 0;
    const httpServer = createServer((_, response) => response.writeHead(404).end());
    httpServer.on('connection', (tcp) => {
      const write = tcp.write;
      tcp.write = (...call: unknown[]) => {
        writes += 1;
        return Reflect.apply(write, tcp, call);
      };
    });
    const server = createWsServer({ httpServer, path: '/socket', handler, ...options });
    await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
    return {
      server,
      port: (httpServer.address() as AddressInfo).port,
      writes: () => writes,
      async stop() {
        httpServer.close();
        await server.close();
      },
    };
  },
};

const loaded = await loadUws(process.env['TRESEN_UWS']);
const adapters = [ws];
if ('module' in loaded) {
  const { module } = loaded;
  adapters.push({
    name: 'uWebSockets.js',
    differs: new Set([
      'skips frames that come before its answer',
      'cuts the line at a fault',
      'loses its last answers at a fault',
      'answers a wrong close without a code',
      'reads unmasked frames as masked',
      'does not count fragments',
    ]),
    async start(handler, options) {
      const path = '/socket';
      const at = { module, host: '127.0.0.1', port: 0, path };
      const server = await createUwsServer({ ...at, handler, ...options });
      return { server, port: server.port, stop: () => server.close() };
    },
  });
}

for (const adapter of adapters) {
  describeConformance(adapter);
  describePromises(adapter);
}

describe('uWebSockets.js', () => {
  const how = 'module' in loaded ? 'loads here' : `is not tested here: ${loaded.reason}`;
  process.stdout.write(`conformance: uWebSockets.js ${how}\n`);
  it(how, () => {
    if ('module' in loaded) expect(adapters.map((a) => a.name)).toContain('uWebSockets.js');
    else expect(loaded.reason).toMatch(/is not installed\.|needs glibc [\d.]+ or newer|no binary/);
  });

  it('says in one sentence why it cannot be loaded', async () => {
    const missing = await loadUws('uWebSockets.js-that-nobody-has');
    expect(missing).toEqual({ reason: 'uWebSockets.js is not installed.' });
  });
});
