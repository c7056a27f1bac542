/**
 * Which pages may open a WebSocket: Tresen's own (the widget's iframe and the console), nobody
 * else's. Programs send no Origin and no cookie of a person; they need a token like everybody.
 */
import type { Upgrade } from './socket.ts';

export function isOwnOrigin(
  { origin, host }: Pick<Upgrade, 'origin' | 'host'>,
  own: { httpPort: number; publicUrl: string },
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  if (own.publicUrl !== '' && origin === new URL(own.publicUrl).origin) return true;
  const from = new URL(origin);
  if (from.host === host) return true;
  // uWebSockets.js listens on a port of its own, while the page came from the HTTP port.
  const hostName = host?.replace(/:\d+$/, '');
  const port = from.port || (from.protocol === 'https:' ? '443' : '80');
  return from.hostname === hostName && port === String(own.httpPort);
}
