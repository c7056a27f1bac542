/** For operators: is it well (`/api/health`), and how much of what happens (`/metrics`). */
import type { Metrics } from '#core/platform/metrics.ts';
import { ENDPOINTS } from '#core/protocol/endpoints.ts';
import type { HttpServer } from './server.ts';

export type Health = {
  status: 'ok' | 'degraded';
  version: string;
  /** `failing`: the newest write was refused by the disk; commands are refused as well. */
  store: 'ok' | 'failing';
  socket: string;
  /** `learning` until the model is trained; people can chat meanwhile. */
  bot: 'ready' | 'learning' | 'unavailable';
  model?: string;
  articles: number;
  agentsOnline: number;
  uptimeSeconds: number;
};

export function addHealth(app: HttpServer, health: () => Health): void {
  app.get(ENDPOINTS.health, { config: { access: 'anyone' } }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send(health()),
  );
}

/** @param access `this-machine` on the public port, `anyone` on a port of its own */
export function addMetrics(
  app: HttpServer,
  metrics: Metrics,
  access: 'this-machine' | 'anyone',
  /** Sets the gauges that are looked up rather than counted. */
  refresh: () => void,
): void {
  app.get('/metrics', { config: { access } }, async (_request, reply) => {
    refresh();
    return reply
      .header('content-type', metrics.registry.contentType)
      .send(await metrics.registry.metrics());
  });
}
