/**
 * People who sign in, and the secrets of contacts. Secrets are 256 random bits, given out once and
 * kept as SHA-256 only. Relies on the store for single use; knows no cookie and no socket.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#core/platform/clock.ts';
import { INVITATION_MAX_AGE_MS, SIGN_IN_MAX_AGE_MS } from '#core/platform/limits.ts';
import type { Random } from '#core/platform/random.ts';
import type { SignInBody, SignUpBody } from '#core/protocol/endpoints.ts';
import type { Agent } from '#core/protocol/entities.ts';
import { type Refusal, refuse } from '#core/protocol/errors.ts';
import { cleanText } from '#core/protocol/text.ts';
import type { Agents } from '#core/store/agents.ts';
import { StoreBusy, type WriteResult } from '#core/store/writer.ts';
import { createPasswords, PasswordQueueFull } from './password.ts';

export type SignIn = { agent: Agent; token: string; expiresAt: number };
export type Identity = ReturnType<typeof createIdentity>;

export const hashToken = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

export function createIdentity(deps: { agents: Agents; clock: Clock; random: Random }) {
  const { agents, clock, random } = deps;
  const passwords = createPasswords();

  /** A one-time secret with which somebody may become an agent. */
  async function invite(): Promise<{ token: string; expiresAt: number }> {
    const token = random.token();
    const expiresAt = clock.now() + INVITATION_MAX_AGE_MS;
    mustBeDone(await agents.invite(hashToken(token), expiresAt, clock.now()));
    return { token, expiresAt };
  }

  async function signUp(body: SignUpBody): Promise<SignIn | Refusal> {
    const now = clock.now();
    const tokenHash = hashToken(body.token);
    if (!agents.isInvited(tokenHash, now)) return refuse('invitation_invalid');
    const email = canonicalEmail(body.email);
    if (agents.byEmail(email)) return refuse('email_taken');
    return unlessBusy(async () => {
      const passwordHash = await passwords.hash(body.password, random.token());
      const agent = { id: random.uuid(now), name: cleanText(body.name), email };
      const result = await agents.signUp({ tokenHash, now }, { ...agent, passwordHash });
      if (result === 'failed') return refuse('store_unavailable');
      return result === 'done' ? startSignIn(agent) : refuse('invitation_invalid');
    });
  }

  /** Wrong address and wrong password look and last the same. */
  function signIn(body: SignInBody): Promise<SignIn | Refusal> {
    return unlessBusy(async () => {
      const found = agents.byEmail(canonicalEmail(body.email));
      const isRight = await passwords.matches(body.password, found?.passwordHash);
      if (!isRight || found === undefined) return refuse('sign_in_wrong');
      const { passwordHash: _, ...agent } = found;
      return startSignIn(agent);
    });
  }

  async function startSignIn(agent: Agent): Promise<SignIn> {
    const token = random.token();
    const now = clock.now();
    const expiresAt = now + SIGN_IN_MAX_AGE_MS;
    mustBeDone(
      await agents.signIn({ tokenHash: hashToken(token), agent: agent.id, expiresAt }, now),
    );
    return { agent, token, expiresAt };
  }

  /** @returns who signed in with this secret, undefined when it is unknown or expired */
  const whoIs = (token: string | undefined): { agent: Agent; expiresAt: number } | undefined =>
    token === undefined ? undefined : agents.bySignIn(hashToken(token), clock.now());

  const signOut = async (token: string): Promise<void> => {
    mustBeDone(await agents.signOut(hashToken(token)));
  };

  return Object.freeze({ invite, signUp, signIn, whoIs, signOut, hasAgents: agents.any });
}

/** A secret that was not stored must not be given out. */
function mustBeDone(result: WriteResult): void {
  if (result !== 'done') throw new Error(`the store answered ${result}`);
}

const canonicalEmail = (email: string): string => email.trim().toLowerCase();

async function unlessBusy<T>(work: () => Promise<T | Refusal>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PasswordQueueFull || error instanceof StoreBusy) return refuse('busy');
    throw error;
  }
}
