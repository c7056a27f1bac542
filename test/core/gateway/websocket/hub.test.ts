/** The hub: who gets what, in which order, and that nobody is remembered who has gone. */
import { describe, expect, it } from 'vitest';
import { createHub } from '#core/gateway/websocket/hub.ts';
import type { Socket } from '#core/gateway/websocket/socket.ts';
import { ROW_SENDS_PER_TURN } from '#core/platform/limits.ts';
import { emptyState } from '#core/protocol/apply.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const upgrade = {
  path: '/socket',
  origin: undefined,
  host: undefined,
  cookie: undefined,
  address: '127.0.0.1',
};

function socket(): Socket & { frames: ServerFrame[]; texts: string[] } {
  const texts: string[] = [];
  const frames: ServerFrame[] = [];
  const send = (text: string): void => {
    texts.push(text);
    frames.push(JSON.parse(text));
  };
  return { upgrade, texts, frames, send, close: () => undefined };
}

const event = (seq: number): StoredEvent => ({
  conversation: 'c',
  seq,
  at: 1,
  by: { kind: 'bot' },
  body: { type: 'message.sent', text: 'Hi' },
});
const row = { ...emptyState('c'), contact: 'me' };

const clock = createVirtualClock();

describe('hub', () => {
  it('events reach every connection of this contact and nobody else', () => {
    const hub = createHub(clock);
    const [mine, myOther, stranger, agent, watcher] = [1, 2, 3, 4, 5].map(socket);
    if (!mine || !myOther || !stranger || !agent || !watcher) throw new Error('five sockets');
    hub.addContact('me', mine);
    hub.addContact('me', myOther);
    hub.addContact('stranger', stranger);
    hub.addAgent(agent, 's1');
    hub.watch('c', watcher);
    const events = [event(1), event(2)];
    hub.live.toContact('me', 'c', events);
    const frame = { t: 'events', conversation: 'c', events };
    expect([mine, myOther].map(({ frames }) => frames)).toEqual([[frame], [frame]]);
    expect([stranger, agent, watcher].flatMap(({ frames }) => frames)).toEqual([]);
  });

  it('events for the house reach those who watch, not the contact (I5)', () => {
    const hub = createHub(clock);
    const [contact, watcher, elsewhere] = [socket(), socket(), socket()];
    hub.addContact('me', contact);
    hub.watch('c', watcher);
    hub.watch('other', elsewhere);
    hub.live.toWatchers('c', [event(1)]);
    hub.live.signalWatchers('c', { type: 'typing', conversation: 'c', by: 'contact' });
    expect(watcher.frames.map(({ t }) => t)).toEqual(['events', 'signal']);
    expect([...contact.frames, ...elsewhere.frames]).toEqual([]);
  });

  it('rows reach every agent once, no contact and no mere watcher', () => {
    const hub = createHub(clock);
    const [agent, colleague, contact] = [socket(), socket(), socket()];
    hub.addAgent(agent, 's1');
    hub.addAgent(colleague, 's2');
    hub.addContact('me', contact);
    hub.watch('c', agent);
    hub.live.toAgents({ ...row, preview: { by: 'bot', text: 'outdated by the next' } });
    hub.live.toAgents(row);
    expect(agent.frames).toEqual([]);
    clock.advance(50);
    expect([agent.frames, colleague.frames, contact.frames]).toEqual([
      [{ t: 'row', row }],
      [{ t: 'row', row }],
      [],
    ]);
  });

  it('many rows for many agents go in portions, all of them, longest waiting first', () => {
    const hub = createHub(clock);
    const agents = Array.from({ length: ROW_SENDS_PER_TURN / 4 }, () => socket());
    for (const [i, agent] of agents.entries()) hub.addAgent(agent, `s${i}`);
    const rows = Array.from({ length: 10 }, (_, i) => ({ ...row, id: `c${i}` }));
    for (const each of rows) hub.live.toAgents(each);
    clock.advance(50);
    expect(agents[0]?.frames).toHaveLength(4);
    hub.live.toAgents({ ...row, id: 'c9', seq: 1 });
    clock.advance(50);
    const frames = rows.map((each, i) => ({ t: 'row', row: i === 9 ? { ...each, seq: 1 } : each }));
    for (const agent of agents) expect(agent.frames).toEqual(frames);
  });

  it('signals for one contact stay with him, those for everyone reach everyone once', () => {
    const hub = createHub(clock);
    const [mine, stranger, agent] = [socket(), socket(), socket()];
    hub.addContact('me', mine);
    hub.addContact('stranger', stranger);
    hub.addAgent(agent, 's1');
    hub.live.signalContact('me', { type: 'typing', conversation: 'c', by: 'bot' });
    hub.live.signalEveryone({ type: 'presence', agentsOnline: 2 });
    expect([mine, stranger, agent].map(({ frames }) => frames.length)).toEqual([2, 1, 1]);
  });

  it('who has gone gets nothing, his other connection still does', () => {
    const hub = createHub(clock);
    const [gone, still, agent] = [socket(), socket(), socket()];
    hub.addContact('me', gone);
    hub.addContact('me', still);
    hub.addAgent(agent, 's1');
    hub.watch('c', agent);
    hub.removeContact('me', gone);
    hub.unwatch('c', agent);
    hub.removeAgent(agent, 's1');
    hub.live.toContact('me', 'c', [event(1)]);
    hub.live.toWatchers('c', [event(1)]);
    hub.live.toAgents(row);
    clock.advance(50);
    hub.live.signalEveryone({ type: 'presence', agentsOnline: 0 });
    expect([gone, still, agent].map(({ frames }) => frames.length)).toEqual([0, 2, 0]);
  });

  it('going twice, or without ever having come, harms nobody', () => {
    const hub = createHub(clock);
    const [one, still] = [socket(), socket()];
    hub.addContact('me', still);
    hub.removeContact('me', one);
    hub.removeContact('me', one);
    hub.unwatch('nothing', one);
    hub.removeAgent(one, 'nobody');
    hub.live.toContact('me', 'c', [event(1)]);
    expect(still.frames).toHaveLength(1);
  });

  it('knows the sockets of a sign-in until they are gone', () => {
    const hub = createHub(clock);
    const [tab, otherTab, colleague] = [socket(), socket(), socket()];
    hub.addAgent(tab, 's1');
    hub.addAgent(otherTab, 's1');
    hub.addAgent(colleague, 's2');
    const before = hub.ofSignIn('s1');
    hub.removeAgent(tab, 's1');
    expect(before).toEqual([tab, otherTab]);
    expect(hub.ofSignIn('s1')).toEqual([otherTab]);
    expect(hub.ofSignIn('s3')).toEqual([]);
  });

  it('a frame is written once, however many read it, and not at all for nobody', () => {
    const hub = createHub(clock);
    let written = 0;
    const counting = {
      ...event(1),
      toJSON: () => {
        written++;
        return event(1);
      },
    };
    hub.live.toContact('me', 'c', [counting]);
    expect(written).toBe(0);
    for (let i = 0; i < 5; i++) hub.addContact('me', socket());
    hub.live.toContact('me', 'c', [counting]);
    expect(written).toBe(1);
  });

  it('nothing is skipped silently: it hands on in the order it was handed (G3)', () => {
    const hub = createHub(clock);
    const contact = socket();
    hub.addContact('me', contact);
    for (let seq = 1; seq <= 50; seq++) hub.live.toContact('me', 'c', [event(seq)]);
    const seqs = contact.frames.flatMap((f) => (f.t === 'events' ? f.events : []));
    expect(seqs.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });
});
