/** The agent's desk as a table: every state × every command → events or a refusal (I4). */
import { describe, expect, it } from 'vitest';
import { decideAgentCommand } from '#core/agent/desk.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { AgentCommand } from '#core/protocol/commands.ts';
import type { Actor } from '#core/protocol/entities.ts';
import { isRefusal } from '#core/protocol/errors.ts';
import { nextStatus } from '#core/protocol/lifecycle.ts';

/** Everybody is connected but those named in the test. */
const DESK = { queue: 'service', isThere: () => true };
const ADA = { id: 'agent-1', name: 'Ada' };
/** The same name, another person: ownership goes by id. */
const OTHER_ADA = { id: 'agent-2', name: 'Ada' };

const open = (owner: ConversationState['owner']): ConversationState => ({
  ...emptyState('c'),
  seq: 7,
  status: 'open',
  contact: 'contact-1',
  owner,
});
const resolved = { ...open({ kind: 'nobody' }), status: 'resolved' as const };

const STATES = {
  unknown: emptyState('c'),
  'the bot has it': open({ kind: 'bot' }),
  'it waits': open({ kind: 'queue', queue: 'service' }),
  'it is mine': open({ kind: 'agent', ...ADA }),
  'a colleague has it': open({ kind: 'agent', ...OTHER_ADA }),
  resolved,
} satisfies Record<string, ConversationState>;

const COMMANDS = {
  send: { type: 'message.send', conversation: 'c', text: 'Hello' },
  note: { type: 'note.add', conversation: 'c', text: 'Hm' },
  take: { type: 'conversation.take', conversation: 'c' },
  'to queue': { type: 'conversation.release', conversation: 'c', to: 'queue' },
  'to bot': { type: 'conversation.release', conversation: 'c', to: 'bot' },
  resolve: { type: 'conversation.resolve', conversation: 'c' },
} satisfies Record<string, AgentCommand>;

const note = [{ type: 'note.added', text: 'Hm' }];
const assigned = [{ type: 'conversation.assigned', agent: ADA }];
const notMine = {
  send: 'conversation_not_yours',
  note,
  'to queue': 'conversation_not_yours',
  'to bot': 'conversation_not_yours',
  resolve: 'conversation_not_yours',
};

/** Bodies of the events, or the code of the refusal. */
const TABLE: Record<keyof typeof STATES, Record<keyof typeof COMMANDS, object[] | string>> = {
  unknown: {
    send: 'not_found',
    note: 'not_found',
    take: 'not_found',
    'to queue': 'not_found',
    'to bot': 'not_found',
    resolve: 'not_found',
  },
  'the bot has it': { ...notMine, take: assigned },
  'it waits': { ...notMine, take: assigned },
  'a colleague has it': { ...notMine, take: 'conversation_already_taken' },
  'it is mine': {
    send: [{ type: 'message.sent', text: 'Hello' }],
    note,
    take: [],
    'to queue': [{ type: 'conversation.released', to: 'queue', queue: 'service' }],
    'to bot': [{ type: 'conversation.released', to: 'bot' }],
    resolve: [{ type: 'conversation.resolved' }, { type: 'survey.sent' }],
  },
  resolved: {
    send: 'conversation_not_open',
    note,
    take: 'conversation_not_open',
    'to queue': 'conversation_not_open',
    'to bot': 'conversation_not_open',
    resolve: 'conversation_not_open',
  },
};

const cells = (Object.keys(STATES) as (keyof typeof STATES)[]).flatMap((state) =>
  (Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]).map(
    (command) => [state, command, TABLE[state][command]] as const,
  ),
);

describe('desk', () => {
  it.each(cells)('%s: %s', (name, command, expected) => {
    const state = Object.freeze(STATES[name]);
    const decided = decideAgentCommand(state, ADA, COMMANDS[command], DESK);
    if (isRefusal(decided)) {
      expect(decided.refused).toBe(expected);
      return;
    }
    expect(decided.map(({ body }) => body)).toStrictEqual(expected);
    const by: Actor = { kind: 'agent', ...ADA };
    const after = decided.reduce((before, { body }) => {
      expect(nextStatus(before.status, body.type)).toBeDefined();
      return apply(before, { conversation: 'c', seq: before.seq + 1, at: 9, by, body });
    }, state);
    expect(after.seq).toBe(state.seq + decided.length);
  });

  it('tells who has it when it is taken already', () => {
    const state = STATES['a colleague has it'];
    expect(decideAgentCommand(state, ADA, COMMANDS.take, DESK)).toStrictEqual({
      refused: 'conversation_already_taken',
      detail: 'Ada',
    });
  });

  it('stores of an agent id and name only, whatever else is known of him', () => {
    const known = { ...ADA, email: 'ada@example.org' };
    const decided = decideAgentCommand(STATES['it waits'], known, COMMANDS.take, DESK);
    expect(JSON.stringify(decided)).not.toContain('example.org');
  });
});
