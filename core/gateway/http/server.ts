/**
 * The HTTP server: every endpoint says who may call it, every body is checked strictly, every
 * answer carries the security headers. The door to fastify; knows no conversation.
 */
import cookie from '@fastify/cookie';
import files from '@fastify/static';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import * as v from 'valibot';
import type { Identity } from '#core/identity/identity.ts';
import { BODY_MAX_BYTES } from '#core/platform/limits.ts';
import { errorFields, type Log } from '#core/platform/log.ts';
import type { HttpRefusal } from '#core/protocol/endpoints.ts';
import type { Agent } from '#core/protocol/entities.ts';
import { REFUSALS, type Refusal } from '#core/protocol/errors.ts';
import { SIGN_IN_COOKIE } from '../websocket/peer.ts';

/** Who may call an endpoint. `this-machine`: only directly, from a loopback address. */
export type Access = 'anyone' | 'agent' | 'this-machine';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    agent: Agent | undefined;
  }
}

export type HttpServer = FastifyInstance;

type Controller = NonNullable<FastifyServerOptions['schemaController']>;

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

/** @param webDir folder of the built browser apps, for `reply.sendFile` */
export async function createHttpServer(deps: {
  identity: Identity;
  log: Log;
  webDir: string;
}): Promise<HttpServer> {
  const app = fastify({
    bodyLimit: BODY_MAX_BYTES,
    logger: false,
    return503OnClosing: true,
    // A proxy on this machine tells for whom it speaks; from elsewhere nobody is believed.
    trustProxy: 'loopback',
    // As on the WebSocket: valibot. (Fastify's own compilers take a tenth of the start to load.)
    schemaController: { compilersFactory },
  });
  await app.register(cookie);
  await app.register(files, { root: deps.webDir, serve: false, index: false });
  app.decorateRequest('agent', undefined);

  app.addHook('onRoute', (route) => {
    if (route.config?.access) return;
    throw new Error(`${String(route.method)} ${route.url} does not declare who may call it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    return isForeignWrite(request) ? refuseHttp(reply, { refused: 'forbidden' }) : undefined;
  });
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access;
    if (access === 'this-machine' && !isThisMachine(request)) {
      return refuseHttp(reply, { refused: 'forbidden' });
    }
    if (access !== 'agent') return;
    request.agent = deps.identity.whoIs(request.cookies[SIGN_IN_COOKIE])?.agent;
    if (request.agent === undefined) return refuseHttp(reply, { refused: 'sign_in_required' });
  });
  app.setNotFoundHandler({}, (_request, reply) => refuseHttp(reply, { refused: 'not_found' }));
  app.setErrorHandler((error: { statusCode?: number; validation?: unknown }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      deps.log.error('request failed', errorFields(error));
      return reply.code(500).send({ refused: 'store_unavailable' } satisfies HttpRefusal);
    }
    const refused = error.validation ? 'command_invalid' : 'frame_malformed';
    return reply.code(status).send({ refused, ...invalidPlace(error) } satisfies HttpRefusal);
  });
  return app;
}

export const refuseHttp = (reply: FastifyReply, refusal: Refusal): FastifyReply =>
  reply.code(REFUSALS[refusal.refused].http).send(refusal satisfies HttpRefusal);

/** A browser that acts for another site's page (CSRF), or a body that is no JSON. */
function isForeignWrite(request: FastifyRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return true;
  const { origin, host } = request.headers;
  if (site === undefined && origin !== undefined && !isSameHost(origin, host)) return true;
  return !/^application\/json(; ?charset=utf-8)?$/i.test(request.headers['content-type'] ?? '');
}

const isSameHost = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** A proxy on this machine speaks for others; then it is not this machine that asks. */
const isThisMachine = (request: FastifyRequest): boolean =>
  LOOPBACK.has(request.socket.remoteAddress ?? '') &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers.forwarded === undefined;

/** Which field was wrong, never what stood in it. */
const invalidPlace = ({ validation }: { validation?: unknown }): { detail?: string } =>
  typeof validation === 'string' && validation !== '' ? { detail: validation } : {};

/** @returns what fastify asks for: a check per schema, which gives the value or the error */
const buildValidator = () => (route: { schema: unknown }) => {
  const schema = route.schema as v.GenericSchema;
  return (body: unknown) => {
    const checked = v.safeParse(schema, body, { abortEarly: true });
    if (checked.success) return { value: checked.output };
    const place = checked.issues[0].path?.map((item) => String(item.key)).join('.');
    return { error: Object.assign(new Error('invalid body'), { validation: place ?? 'body' }) };
  };
};

const buildSerializer = () => () => JSON.stringify;

/** Its types know nothing but ajv, its documentation does. */
const compilersFactory = { buildValidator, buildSerializer } as unknown as NonNullable<
  Controller['compilersFactory']
>;
