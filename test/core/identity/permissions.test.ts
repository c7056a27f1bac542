/** Who may reach a conversation: his own for a contact, every one for an agent, else nothing. */
import { expect, it } from 'vitest';
import { accessConversation, type Person } from '#core/identity/permissions.ts';
import { type ConversationState, emptyState } from '#core/protocol/apply.ts';

const his: ConversationState = { ...emptyState('c'), status: 'open', contact: 'contact-1' };
const resolved: ConversationState = { ...his, status: 'resolved' };
/** What the lane makes of an id that nobody has used: it belongs to the contact ''. */
const unused = emptyState('c');

const owner: Person = { kind: 'contact', id: 'contact-1' };
const stranger: Person = { kind: 'contact', id: 'contact-2' };
const nameless: Person = { kind: 'contact', id: '' };
const agent: Person = { kind: 'agent', id: 'agent-1', name: 'Ada' };
/** An agent's id that happens to be that of a contact opens nothing else. */
const namesake: Person = { kind: 'contact', id: 'agent-1' };

it.each<[string, Person, ConversationState | undefined, boolean]>([
  ['its contact while open', owner, his, true],
  ['its contact when resolved', owner, resolved, true],
  ['an agent while open', agent, his, true],
  ['an agent when resolved', agent, resolved, true],
  ['another contact', stranger, his, false],
  ['another contact when resolved', stranger, resolved, false],
  ['a contact with the id of an agent', namesake, his, false],
  ['a contact without an id', nameless, his, false],
  ['a contact without an id, an unused conversation', nameless, unused, false],
  ['a contact, an unused conversation', owner, unused, false],
  ['an agent, an unused conversation', agent, unused, false],
  ['a contact, an unknown conversation', owner, undefined, false],
  ['an agent, an unknown conversation', agent, undefined, false],
])('%s', (_name, person, state, may) => {
  expect(accessConversation(person, state)).toBe(may ? state : undefined);
});
