/** Agents, their sign-ins and the invitations to become one. Secrets come and go as hashes. */
import type { Agent } from '#core/protocol/entities.ts';
import type { Reader, Row } from './sqlite.ts';
import type { WriteResult, Writer } from './writer.ts';

export type Agents = ReturnType<typeof createAgents>;

export function createAgents(reader: Reader, writer: Writer) {
  const any = (): boolean => reader.one('SELECT 1 FROM agents LIMIT 1') !== undefined;

  function byEmail(email: string): (Agent & { passwordHash: string }) | undefined {
    const row = reader.one('SELECT * FROM agents WHERE email = ?', email);
    return row && { ...toAgent(row), passwordHash: String(row['password_hash']) };
  }

  function bySignIn(
    tokenHash: string,
    now: number,
  ): { agent: Agent; expiresAt: number } | undefined {
    const sql = `SELECT a.*, s.expires_at FROM sign_ins s JOIN agents a ON a.id = s.agent
      WHERE s.token_hash = ? AND s.expires_at > ?`;
    const row = reader.one(sql, tokenHash, now);
    return row && { agent: toAgent(row), expiresAt: Number(row['expires_at']) };
  }

  const isInvited = (tokenHash: string, now: number): boolean =>
    reader.one(
      'SELECT 1 FROM invitations WHERE token_hash = ? AND expires_at > ?',
      tokenHash,
      now,
    ) !== undefined;

  /** Before there is any agent only the newest invitation counts: the others lie in old logs. */
  const invite = (tokenHash: string, expiresAt: number, now: number): Promise<WriteResult> =>
    writer.write([
      {
        sql: `DELETE FROM invitations
          WHERE expires_at <= ? OR NOT EXISTS (SELECT 1 FROM agents)`,
        values: [now],
      },
      { sql: 'INSERT INTO invitations VALUES (?, ?)', values: [tokenHash, expiresAt] },
    ]);

  /** Uses up the invitation and creates the agent, or does neither ('conflict'). */
  const signUp = (
    invitation: { tokenHash: string; now: number },
    agent: Agent & { passwordHash: string },
  ): Promise<WriteResult> =>
    writer.write([
      {
        sql: 'DELETE FROM invitations WHERE token_hash = ? AND expires_at > ?',
        values: [invitation.tokenHash, invitation.now],
        mustChange: true,
      },
      {
        sql: 'INSERT INTO agents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        values: [agent.id, agent.name, agent.email, agent.passwordHash, invitation.now],
        mustChange: true,
      },
    ]);

  /** Stores a sign-in and forgets the expired ones. */
  const signIn = (
    signIn: { tokenHash: string; agent: string; expiresAt: number },
    now: number,
  ): Promise<WriteResult> =>
    writer.write([
      { sql: 'DELETE FROM sign_ins WHERE expires_at <= ?', values: [now] },
      {
        sql: 'INSERT INTO sign_ins VALUES (?, ?, ?)',
        values: [signIn.tokenHash, signIn.agent, signIn.expiresAt],
      },
    ]);

  const signOut = (tokenHash: string): Promise<WriteResult> =>
    writer.write([{ sql: 'DELETE FROM sign_ins WHERE token_hash = ?', values: [tokenHash] }]);

  return Object.freeze({ any, byEmail, bySignIn, isInvited, invite, signUp, signIn, signOut });
}

const toAgent = (row: Row): Agent => ({
  id: String(row['id']),
  name: String(row['name']),
  email: String(row['email']),
});
