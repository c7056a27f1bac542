/** Which pages may open a WebSocket: our own, however they are reached; no one else's. */
import { expect, it } from 'vitest';
import { isOwnOrigin } from '#core/gateway/websocket/origin.ts';

const direct = { httpPort: 8080, publicUrl: '' };
const proxied = { httpPort: 8080, publicUrl: 'https://chat.example.com/help' };

it.each<[string, string | undefined, string | undefined, typeof direct, boolean]>([
  ['a program, which sends none', undefined, 'chat.example.com', direct, true],
  ['our page, one port for both', 'http://localhost:8080', 'localhost:8080', direct, true],
  [
    'our page, socket on a port of its own',
    'http://localhost:8080',
    'localhost:8081',
    direct,
    true,
  ],
  ['our page at the usual port', 'https://chat.example.com', 'chat.example.com', direct, true],
  ['our page over IPv6', 'http://[::1]:8080', '[::1]:8081', direct, true],
  ['behind the proxy', 'https://chat.example.com', 'tresen:8081', proxied, true],
  ['behind the proxy, from inside', 'http://tresen:8080', 'tresen:8081', proxied, true],

  ['another site', 'https://evil.example', 'localhost:8080', direct, false],
  ['another site, behind the proxy', 'https://evil.example', 'chat.example.com', proxied, false],
  ['another port of this machine', 'http://localhost:3000', 'localhost:8080', direct, false],
  ['another machine, our port', 'http://evil.example:8080', 'localhost:8081', direct, false],
  [
    'our name as a part of theirs',
    'http://localhost.evil.example:8080',
    'localhost:8081',
    direct,
    false,
  ],
  ['their name as a part of ours', 'https://example.com', 'chat.example.com', proxied, false],
  ['the public address without its s', 'http://chat.example.com', 'tresen:8081', proxied, false],
  ['a page in a sandbox', 'null', 'localhost:8080', direct, false],
  ['a local file', 'file://', 'localhost:8080', direct, false],
  ['nonsense', 'not an origin', 'localhost:8080', direct, false],
  ['an empty one', '', 'localhost:8080', direct, false],
  ['another site, no host', 'https://evil.example', undefined, direct, false],
])('%s', (_name, origin, host, own, may) => {
  expect(isOwnOrigin({ origin, host }, own)).toBe(may);
});
