/** The transcript's lines: days, speakers, and each message once whether pending or stored. */
import { describe, expect, it } from 'vitest';
import {
  contactMessagesAfter,
  entries,
  type Outgoing,
} from '../../../web/console/conversation/entries.ts';
import { story } from './samples.ts';

const CID = '01900000-0000-7000-8000-000000000001';
const outgoing: Outgoing = {
  id: CID,
  command: { type: 'message.send', conversation: 'c1', text: 'Einen Moment bitte.' },
  state: 'sending',
};

describe('entries', () => {
  it('begins with the day and then has every event in order', () => {
    const lines = entries(story('c1'), [], 'c1');
    expect(lines.map((line) => line.kind)).toEqual(['day', ...story('c1').map(() => 'event')]);
  });

  it('a pending message stands at the end under its cid, and keeps the key when stored', () => {
    const events = story('c1').slice(0, 6);
    expect(entries(events, [outgoing], 'c1').at(-1)).toMatchObject({ kind: 'pending', key: CID });
    const stored = {
      ...events[5],
      conversation: 'c1',
      seq: 7,
      at: (events[5]?.at ?? 0) + 1_000,
      by: { kind: 'agent' as const, id: 'agent-me', name: 'Anna' },
      cid: CID,
      body: { type: 'message.sent' as const, text: 'Einen Moment bitte.' },
    };
    const lines = entries([...events, stored], [outgoing], 'c1');
    expect(lines.filter((line) => line.key === CID)).toHaveLength(1);
    expect(lines.at(-1)?.kind).toBe('event');
  });

  it('shows no commands of other conversations and none without words', () => {
    const take: Outgoing = {
      ...outgoing,
      command: { type: 'conversation.take', conversation: 'c1' },
    };
    expect(entries([], [outgoing], 'c2')).toEqual([]);
    expect(entries([], [take], 'c1')).toEqual([]);
  });

  it('a note never continues a reply, nor a reply a note', () => {
    const lines = entries(story('c1').slice(4, 7), [], 'c1');
    expect(lines.filter((line) => line.kind === 'event' && line.continued)).toEqual([]);
  });

  it('counts what the contact wrote meanwhile', () => {
    expect(contactMessagesAfter(story('c1'), 2)).toBe(1);
    expect(contactMessagesAfter(story('c1'), 3)).toBe(0);
  });
});
