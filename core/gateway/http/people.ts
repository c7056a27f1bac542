/** Signing up, in and out, and inviting colleagues; the sign-in lives in an HttpOnly cookie. */
import type { FastifyReply } from 'fastify';
import * as v from 'valibot';
import type { Identity, SignIn } from '#core/identity/identity.ts';
import type { Clock } from '#core/platform/clock.ts';
import { SIGN_INS_PER_MINUTE } from '#core/platform/limits.ts';
import {
  ENDPOINTS,
  type Invitation,
  type Me,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  type SignInBody,
  type SignUpBody,
} from '#core/protocol/endpoints.ts';
import type { Agent } from '#core/protocol/entities.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import { createBucket, createBuckets, UNLIMITED } from '../rate-limit.ts';
import { SIGN_IN_COOKIE } from '../websocket/peer.ts';
import { type HttpServer, refuseHttp } from './server.ts';

const email = v.pipe(v.string(), v.minLength(3), v.maxLength(200), v.regex(/^[^@\s]+@[^@\s]+$/));
const anyPassword = v.pipe(v.string(), v.minLength(1), v.maxLength(PASSWORD_LENGTH_MAX));
const newPassword = v.pipe(anyPassword, v.minLength(PASSWORD_LENGTH_MIN));
const name = v.pipe(v.string(), v.maxLength(100), v.regex(/\S/));
const token = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const signUpBody = v.strictObject({ token, name, email, password: newPassword });
const signInBody = v.strictObject({ email, password: anyPassword });
const ADDRESSES_MAX = 10_000;

export function addPeople(
  app: HttpServer,
  deps: {
    identity: Identity;
    clock: Clock;
    isLimited: boolean;
    isSecure: boolean;
    me: (agent: Agent, host: string | undefined) => Me;
    /** Address of the sign-up page for a one-time secret. */
    signUpLink: (token: string) => string;
    /** Closes what is open under a sign-in that has ended. */
    onSignOut: (token: string) => void;
  },
): void {
  const { identity, clock } = deps;
  const anyone = { access: 'anyone' } as const;
  const buckets = createBuckets(
    () => createBucket(SIGN_INS_PER_MINUTE, SIGN_INS_PER_MINUTE / 60, clock.elapsed),
    ADDRESSES_MAX,
  );
  const bucketOf = (address: string) => (deps.isLimited ? buckets.of(address) : UNLIMITED);

  const signedIn = (reply: FastifyReply, signIn: SignIn): FastifyReply =>
    withCookie(reply, signIn, { isSecure: deps.isSecure, now: clock.now() }).send(
      deps.me(signIn.agent, reply.request.headers.host),
    );

  const signUp = { config: anyone, schema: { body: signUpBody } };
  app.post(ENDPOINTS.signUp, signUp, async (request, reply) => {
    if (!bucketOf(request.ip).take()) return refuseHttp(reply, { refused: 'rate_limited' });
    const outcome = await identity.signUp(request.body as SignUpBody);
    return isRefusal(outcome) ? refuseHttp(reply, outcome) : signedIn(reply, outcome);
  });

  const signIn = { config: anyone, schema: { body: signInBody } };
  app.post(ENDPOINTS.signIn, signIn, async (request, reply) => {
    if (!bucketOf(request.ip).take()) return refuseHttp(reply, { refused: 'rate_limited' });
    const outcome = await identity.signIn(request.body as SignInBody);
    return isRefusal(outcome) ? refuseHttp(reply, outcome) : signedIn(reply, outcome);
  });

  const agent = { access: 'agent' } as const;
  app.post(ENDPOINTS.signOut, { config: agent }, async (request, reply) => {
    const secret = request.cookies[SIGN_IN_COOKIE] ?? '';
    await identity.signOut(secret);
    deps.onSignOut(secret);
    return reply.clearCookie(SIGN_IN_COOKIE, { path: '/' }).code(204).send();
  });

  app.get(ENDPOINTS.me, { config: agent }, (request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send(request.agent && deps.me(request.agent, request.headers.host)),
  );

  app.post(ENDPOINTS.invitations, { config: agent }, async (): Promise<Invitation> => {
    const { token, expiresAt } = await identity.invite();
    return { link: deps.signUpLink(token), expiresAt };
  });
}

function withCookie(
  reply: FastifyReply,
  signIn: SignIn,
  { isSecure, now }: { isSecure: boolean; now: number },
): FastifyReply {
  return reply.setCookie(SIGN_IN_COOKIE, signIn.token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    maxAge: Math.floor((signIn.expiresAt - now) / 1_000),
  });
}
