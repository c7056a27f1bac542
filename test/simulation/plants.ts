/**
 * Known bugs, planted through the ports; the product's code is not touched. Each is one that chat
 * systems have really had; the simulation must find every one of them (`simulation.test.ts`).
 */
import type { Hub } from '#core/gateway/websocket/hub.ts';
import type { Statement } from '#core/store/batch.ts';
import type { Conversations } from '#core/store/conversations.ts';
import type { ActorDeps } from './actor.ts';
import type { WriterPlant } from './disk.ts';
import { createHouseWithBugs } from './house-with-bugs.ts';
import { createHurriedConnection } from './hurried-connection.ts';
import type { HousePlant } from './server.ts';

export type Plant = {
  writer?: WriterPlant;
  house?: HousePlant;
  connect?: ActorDeps['connect'];
  /** A restore forgets to change the epoch. */
  keepsEpoch?: boolean;
};

const ONCE = /\s+AND NOT EXISTS\s+\(SELECT 1 FROM events [^)]*\)/;
const AT = / AND seq = \?/;
const VALUES_OF_ONCE = 3;

/** Both walls of G2 are gone: the check in the statement and the index behind it. */
const withoutUnique: Plant = {
  writer: {
    schema: (db) => db.exec('DROP INDEX IF EXISTS events_cid'),
    statements: (statements) => statements.map(withoutOnce),
  },
  house: {
    createHouse: createHouseWithBugs({
      conversations: (store) => ({ ...store, findCommand: () => undefined }),
      lanes: (lanes) => ({
        ...lanes,
        run: ({ once, ...command }) =>
          lanes.run(
            once ? { ...command, once: { ...once, command: { again: ++again } } } : command,
          ),
      }),
    }),
  },
};
let again = 0;

function withoutOnce(statement: Statement): Statement {
  if (!ONCE.test(statement.sql)) return statement;
  const values = statement.values.slice(0, -VALUES_OF_ONCE);
  return { ...statement, sql: statement.sql.replace(ONCE, ''), values };
}

/** Nobody looks at the commit whether the seq that was chosen before still follows on. */
const seqOutsideCommit: Plant = {
  writer: { statements: (statements) => statements.map(anywhere) },
};

function anywhere(statement: Statement): Statement {
  if (!statement.sql.startsWith('UPDATE conversations') || !AT.test(statement.sql)) {
    return statement;
  }
  const place = statement.values.length - (ONCE.test(statement.sql) ? VALUES_OF_ONCE : 0) - 1;
  const values = statement.values.filter((_, i) => i !== place);
  return { ...statement, sql: statement.sql.replace(AT, ''), values };
}

/** Whose turn it is was looked at when the bot began to think, and never again. */
const ownerAtStart: Plant = {
  house: {
    createHouse: createHouseWithBugs({
      lanes: (lanes) => ({
        ...lanes,
        run: (command) =>
          command.by.kind !== 'bot'
            ? lanes.run(command)
            : lanes.run({
                ...command,
                decide: (state) => command.decide({ ...state, owner: { kind: 'bot' } }),
              }),
      }),
    }),
  },
};

/** A contact's connection is told of notes as if it were an agent's. */
const noteToContact: Plant = {
  house: {
    people: (deps) => ({
      ...deps,
      hub: {
        ...deps.hub,
        addContact: (...[contact, socket]: Parameters<Hub['addContact']>) => {
          deps.hub.addContact(contact, socket);
          for (const id of deps.store.conversations.ofContact(contact, 1)) {
            const send = (text: string): void => {
              if (text.includes('note.added')) socket.send(text);
            };
            deps.hub.watch(id, { ...socket, upgrade: socket.upgrade, send });
          }
        },
      },
    }),
  },
};

/** "After seq" was read as "after the one after seq". */
const resumeOffByOne: Plant = {
  house: {
    people: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        conversations: {
          ...deps.store.conversations,
          eventsAfter: (...[id, seq, limit]: Parameters<Conversations['eventsAfter']>) =>
            deps.store.conversations.eventsAfter(id, seq > 0 ? seq + 1 : 0, limit),
        },
      },
    }),
  },
};

const ackBeforeCommit: Plant = { writer: { answersEarly: true } };

const deliveryBeforeCommit: Plant = {
  house: {
    createHouse: createHouseWithBugs({
      conversations: (store, deliver) => ({
        ...store,
        commit: (unit) => {
          deliver(unit.state, unit.events);
          return store.commit(unit);
        },
      }),
    }),
  },
};

const outboxNotFifo: Plant = { connect: createHurriedConnection };

const epochKept: Plant = { keepsEpoch: true };

/** The fingerprint leaves the text out, so other words under a known cid look the same. */
const otherTextIsEqual: Plant = {
  house: {
    createHouse: createHouseWithBugs({
      lanes: (lanes) => ({
        ...lanes,
        run: ({ once, ...command }) =>
          lanes.run(once ? { ...command, once: { ...once, command: 'any' } } : command),
      }),
    }),
  },
};

export const PLANTS = {
  withoutUnique,
  seqOutsideCommit,
  ownerAtStart,
  noteToContact,
  resumeOffByOne,
  ackBeforeCommit,
  deliveryBeforeCommit,
  outboxNotFifo,
  epochKept,
  otherTextIsEqual,
} as const satisfies Record<string, Plant>;

export type PlantName = keyof typeof PLANTS;
