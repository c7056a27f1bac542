/**
 * The way in, assembled: HTTP endpoints and the WebSocket on the library that runs here, on the
 * configured ports. Knows addresses and origins; what is said over them it passes on.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { BotModel } from '#core/bot/readiness.ts';
import { hashToken } from '#core/identity/identity.ts';
import type { Knowledge } from '#core/knowledge/knowledge.ts';
import type { Config } from '#core/platform/config.ts';
import { CONNECTIONS_PER_ADDRESS_MAX } from '#core/platform/limits.ts';
import type { WidgetConfig } from '#core/protocol/endpoints.ts';
import type { Language } from '#core/protocol/entities.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { addHealth, addMetrics, type Health } from './http/operations.ts';
import { addPages } from './http/pages.ts';
import { addPeople } from './http/people.ts';
import { createHttpServer } from './http/server.ts';
import { addWidget } from './http/widget.ts';
import { isOwnOrigin } from './websocket/origin.ts';
import { createPeople, type PeopleDeps } from './websocket/people.ts';
import { openSocketServer } from './websocket/server.ts';
import type { Upgrade } from './websocket/socket.ts';

const PACKAGE = new URL('../../package.json', import.meta.url);
const VERSION: string = JSON.parse(readFileSync(PACKAGE, 'utf8')).version;
const LOOPBACK = new Set(['127.0.0.1', '::1']);

export type GatewayDeps = Omit<PeopleDeps, 'isLimited' | 'admit'> & {
  config: Config;
  model: BotModel;
  knowledge: Knowledge;
  serviceHours: Record<Language, string>;
  webDir: string;
};

export async function createGateway(deps: GatewayDeps) {
  const { config, clock, log, metrics, hub, identity, model } = deps;
  const startedAt = clock.elapsed();
  const isLimited = config.TRESEN_RATE_LIMITS === 'on';
  const http = await createHttpServer({ identity, log, webDir: deps.webDir });
  const perAddress = new Map<string, number>();
  let httpPort = config.TRESEN_PORT;
  let publicUrl = config.TRESEN_PUBLIC_URL;

  const connections = createPeople({ ...deps, isLimited, admit });

  function admit(upgrade: Upgrade): number | undefined {
    if (!isOwnOrigin(upgrade, { httpPort, publicUrl })) return 403;
    const count = perAddress.get(upgrade.address) ?? 0;
    // A proxy on this machine brings everybody from one address.
    if (!isLimited || LOOPBACK.has(upgrade.address)) return undefined;
    return count >= CONNECTIONS_PER_ADDRESS_MAX ? 429 : undefined;
  }

  const handler = {
    ...connections,
    onOpen: (socket: Parameters<typeof connections.onOpen>[0]) => {
      const { address } = socket.upgrade;
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      connections.onOpen(socket);
    },
    onClose: (socket: Parameters<typeof connections.onClose>[0], code: number) => {
      const left = (perAddress.get(socket.upgrade.address) ?? 1) - 1;
      if (left > 0) perAddress.set(socket.upgrade.address, left);
      else perAddress.delete(socket.upgrade.address);
      connections.onClose(socket, code);
    },
  };

  const sockets = await openSocketServer({ config, httpServer: http.server, handler, log });
  const socketUrl = (host?: string): string => config.TRESEN_SOCKET_URL || sockets.address(host);
  const signUpLink = (token: string): string => `${publicUrl}/console/#/sign-up/${token}`;

  const widgetConfig = (host?: string): WidgetConfig => ({
    company: config.TRESEN_COMPANY,
    socket: socketUrl(host),
    questions: { de: deps.knowledge.questions('de'), en: deps.knowledge.questions('en') },
    serviceHours: deps.serviceHours,
  });
  const health = (): Health => ({
    status: model.readiness() === 'unavailable' || deps.store.isFailing() ? 'degraded' : 'ok',
    version: VERSION,
    store: deps.store.isFailing() ? 'failing' : 'ok',
    socket: sockets.library,
    bot: model.readiness(),
    ...(model.readiness() === 'ready' && { model: model.get().modelId() }),
    articles: deps.knowledge.all().filter((entry) => entry.kind === 'article').length,
    agentsOnline: deps.presence.online(),
    uptimeSeconds: Math.round((clock.elapsed() - startedAt) / 1_000),
  });

  addPages(http, {
    webDir: deps.webDir,
    socketOrigin: (host) => {
      const address = socketUrl(host);
      return address.startsWith('/') ? '' : new URL(address).origin;
    },
    widgetOrigins: config.TRESEN_WIDGET_ORIGINS,
  });
  addPeople(http, {
    identity,
    clock,
    isLimited,
    isSecure: publicUrl.startsWith('https:'),
    me: (agent, host) => ({ agent, socket: socketUrl(host), company: config.TRESEN_COMPANY }),
    signUpLink,
    onSignOut: (token) => {
      for (const socket of hub.ofSignIn(hashToken(token))) {
        socket.close(CLOSE.signed_out, 'signed out');
      }
    },
  });
  addWidget(http, { widgetConfig, cannedResponses: deps.store.articles.cannedResponses });
  addHealth(http, health);
  const metricsServer = await openMetrics();

  function refresh(): void {
    metrics.waiting.set(deps.store.conversations.waiting());
    const { version, socket, model: name } = health();
    metrics.info.reset();
    metrics.info.set({ version, socket, model: name ?? 'none' }, 1);
  }

  /** On a port of its own when one is configured, else for this machine on the public port. */
  async function openMetrics() {
    if (config.TRESEN_METRICS_PORT === undefined) {
      // Behind a proxy everybody may look like this machine: then only on a port of its own.
      if (config.TRESEN_PUBLIC_URL === '') addMetrics(http, metrics, 'this-machine', refresh);
      return undefined;
    }
    const server = await createHttpServer({ identity, log, webDir: deps.webDir });
    addMetrics(server, metrics, 'anyone', refresh);
    await server.listen({ host: config.TRESEN_METRICS_HOST, port: config.TRESEN_METRICS_PORT });
    return server;
  }

  await http.listen({ host: config.TRESEN_HOST, port: config.TRESEN_PORT });
  httpPort = (http.server.address() as AddressInfo).port;
  publicUrl ||= `http://localhost:${httpPort}`;

  async function stop(): Promise<void> {
    connections.stop();
    await sockets.close();
    await Promise.all([http.close(), metricsServer?.close()]);
  }

  return Object.freeze({
    url: publicUrl,
    socket: { library: sockets.library, url: socketUrl(), why: sockets.why },
    health,
    signUpLink,
    stop,
  });
}
