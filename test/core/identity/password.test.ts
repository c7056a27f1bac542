/** Passwords: right and wrong ones, what is stored of them, and that a flood of them is refused. */
import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPasswords, PasswordQueueFull } from '#core/identity/password.ts';
import { PASSWORD_HASHES_AT_ONCE, PASSWORD_HASHES_WAITING_MAX } from '#core/platform/limits.ts';

const SALT = 'a-salt-of-at-least-16-bytes';
const PASSWORD = 'correct horse battery staple';

describe('passwords', () => {
  it('are argon2id with the parameters that OWASP advises, nothing else is stored', async () => {
    const stored = await createPasswords().hash(PASSWORD, SALT);
    const tag = argon2Sync('argon2id', {
      message: PASSWORD,
      nonce: SALT,
      memory: 19_456,
      passes: 2,
      parallelism: 1,
      tagLength: 32,
    });
    expect(stored).toBe(`argon2id$${SALT}$${tag.toString('base64url')}`);
  });

  it('match when right, and in no other case', async () => {
    const passwords = createPasswords();
    const stored = await passwords.hash(PASSWORD, SALT);
    expect(await passwords.matches(PASSWORD, stored)).toBe(true);
    for (const wrong of ['', PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(1)])
      expect([wrong, await passwords.matches(wrong, stored)]).toEqual([wrong, false]);
  });

  it('match however the keyboard composes an umlaut', async () => {
    const passwords = createPasswords();
    const stored = await passwords.hash('Gr\u00fc\u00dfe aus K\u00f6ln', SALT);
    expect(await passwords.matches('Gru\u0308\u00dfe aus Ko\u0308ln', stored)).toBe(true);
    expect(await passwords.matches('Gruesse aus Koeln', stored)).toBe(false);
  });

  it.each([
    ['nobody', undefined],
    ['an empty entry', ''],
    ['an entry without a hash', `argon2id$${SALT}$`],
    ['a damaged hash', `argon2id$${SALT}$AAAA`],
    ['another format', '$2b$10$abcdefghijklmnopqrstuv'],
  ])('of %s match nothing', async (_name, stored) => {
    const passwords = createPasswords();
    for (const password of ['', PASSWORD])
      expect(await passwords.matches(password, stored).catch(() => false)).toBe(false);
  });

  it('differ by salt', async () => {
    const passwords = createPasswords();
    const [a, b] = await Promise.all([
      passwords.hash(PASSWORD, SALT),
      passwords.hash(PASSWORD, `${SALT}-2`),
    ]);
    expect(a.split('$')[2]).not.toBe(b.split('$')[2]);
  });

  it('cost the same for an address that nobody has', async () => {
    const passwords = createPasswords();
    const stored = await passwords.hash(PASSWORD, SALT);
    const time = async (of: string | undefined): Promise<number> => {
      const started = performance.now();
      for (let i = 0; i < 4; i++) await passwords.matches('wrong', of);
      return performance.now() - started;
    };
    await time(stored);
    // A shortcut would be a thousand times faster; a busy machine is not.
    expect(await time(undefined)).toBeGreaterThan((await time(stored)) / 10);
  });
});

describe('a flood', () => {
  it(`beyond ${PASSWORD_HASHES_WAITING_MAX} waiting is refused, the others are served (I6)`, async () => {
    const passwords = createPasswords();
    const places = PASSWORD_HASHES_AT_ONCE + PASSWORD_HASHES_WAITING_MAX;
    const all = await Promise.allSettled(
      Array.from({ length: places + 3 }, () => passwords.matches(PASSWORD, undefined)),
    );
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(3);
    for (const one of refused) expect(one.reason).toBeInstanceOf(PasswordQueueFull);
    // And afterwards there is room again.
    expect(await passwords.matches(PASSWORD, undefined)).toBe(false);
  });
});
