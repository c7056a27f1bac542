/**
 * The schema as numbered steps: only ever append (expand first, contract a release later).
 * STRICT tables; times are milliseconds since 1970; ids are UUIDs; secrets only as SHA-256.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE settings (
     key TEXT PRIMARY KEY, value TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE contacts (
     id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, language TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   -- The projection: always the fold of the conversation's events.
   CREATE TABLE conversations (
     id TEXT PRIMARY KEY, contact TEXT NOT NULL REFERENCES contacts (id),
     seq INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT NOT NULL,
     waiting_since INTEGER, bot_due INTEGER NOT NULL, updated_at INTEGER NOT NULL,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX conversations_contact ON conversations (contact);
   CREATE INDEX conversations_waiting ON conversations (waiting_since)
     WHERE status = 'open' AND waiting_since IS NOT NULL;
   CREATE INDEX conversations_calm ON conversations (updated_at)
     WHERE status = 'open' AND waiting_since IS NULL;
   CREATE INDEX conversations_queue ON conversations (owner) WHERE status = 'open';
   CREATE INDEX conversations_bot_due ON conversations (id) WHERE bot_due = 1;

   -- The history: append only. G2: one cid per sender and conversation; G3: no seq twice.
   CREATE TABLE events (
     id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, seq INTEGER NOT NULL,
     at INTEGER NOT NULL, actor TEXT NOT NULL, sender TEXT NOT NULL, cid TEXT,
     command_hash TEXT, body TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX events_seq ON events (conversation, seq);
   -- cid first: UUIDv7 grows with time, so new entries share the index's last page.
   CREATE UNIQUE INDEX events_cid ON events (cid, conversation, sender) WHERE cid IS NOT NULL;

   CREATE TABLE agents (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
     password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE sign_ins (
     token_hash TEXT PRIMARY KEY, agent TEXT NOT NULL REFERENCES agents (id),
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE invitations (
     token_hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE articles (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, position INTEGER NOT NULL, content TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE canned_responses (
     id TEXT PRIMARY KEY, position INTEGER NOT NULL, content TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  // "TRES", so that another program's file is never taken for ours (sqlite-guards.ts).
  'PRAGMA application_id = 0x54524553',
];
