/**
 * Passwords: argon2id with OWASP's smallest advised parameters (19 MiB, 2 passes, 1 lane; Password
 * Storage Cheat Sheet). At most a few are computed at a time: each costs about 45 ms of a core.
 */
import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { PASSWORD_HASHES_AT_ONCE, PASSWORD_HASHES_WAITING_MAX } from '#core/platform/limits.ts';

const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;

const hashWith = promisify(argon2);

export class PasswordQueueFull extends Error {}
export type Passwords = ReturnType<typeof createPasswords>;

export function createPasswords() {
  let running = 0;
  const waiting: (() => void)[] = [];

  /**
   * @param salt at least 16 random bytes, as text
   * @returns `argon2id$salt$hash`, the hash in base64url
   * @throws PasswordQueueFull when too many wait already
   */
  async function hash(password: string, salt: string): Promise<string> {
    const tag = await limited(() => compute(password, salt));
    return `argon2id$${salt}$${tag.toString('base64url')}`;
  }

  /** Takes the same time whether the password is right, wrong, or there is no such agent. */
  async function matches(password: string, stored: string | undefined): Promise<boolean> {
    const [, salt = 'nobody-has-this-salt', tag = ''] = (stored ?? '').split('$');
    const given = await limited(() => compute(password, salt));
    const expected = Buffer.from(tag, 'base64url');
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    if (running >= PASSWORD_HASHES_AT_ONCE) {
      if (waiting.length >= PASSWORD_HASHES_WAITING_MAX) throw new PasswordQueueFull();
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  }

  return Object.freeze({ hash, matches });
}

const compute = (password: string, salt: string): Promise<Buffer> =>
  hashWith('argon2id', {
    message: password.normalize('NFKC'),
    nonce: Buffer.from(salt),
    memory: MEMORY_KIB,
    passes: PASSES,
    parallelism: 1,
    tagLength: TAG_BYTES,
  }) as Promise<Buffer>;
