/** The console's model is a fold over frames: the same frames give the same desk. */
import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '#core/protocol/frames.ts';
import { TYPING_EXPIRES_MS } from '#core/protocol/signals.ts';
import {
  emptyModel,
  expireTyping,
  fold,
  type Model,
  TYPING_SHOWN_MS,
} from '../../../web/console/state/model.ts';
import { atBot, NOON, queue, row, stateAfter, story } from './samples.ts';

const welcome: ServerFrame = {
  t: 'welcome',
  protocol: 1,
  epoch: 'e1',
  now: NOON + 5_000,
  heartbeatMs: 20_000,
  agentsOnline: 2,
  agent: { id: 'agent-me', name: 'Anna', availability: 'online' },
  conversations: [],
};

const folded = (frames: readonly ServerFrame[], model: Model = emptyModel()): Model => {
  for (const frame of frames) fold(model, frame, NOON);
  return model;
};

describe('fold', () => {
  it('replay: rows one by one end where a fresh list begins', () => {
    const events = story('c1');
    const steps = events.map((_, index) => stateAfter(events.slice(0, index + 1)));
    const live = folded([
      welcome,
      { t: 'list', rows: [] },
      ...steps.map((state): ServerFrame => ({ t: 'row', row: state })),
    ]);
    expect(live.rows.get('c1')).toEqual(stateAfter(events));
  });

  it('a late row changes nothing', () => {
    const events = story('c1');
    const model = folded([{ t: 'list', rows: [stateAfter(events.slice(0, 5))] }]);
    const late = fold(model, { t: 'row', row: stateAfter(events.slice(0, 3)) }, NOON);
    expect(late).toBe(false);
    expect(model.rows.get('c1')?.seq).toBe(5);
  });

  it('learns the distance to the server clock, and nothing is listed before the list', () => {
    const model = folded([welcome]);
    expect(model.clockOffset).toBe(5_000);
    expect(model.listed).toBe(false);
    expect(folded([{ t: 'list', rows: [] }], model).listed).toBe(true);
  });

  it('a second list tells what changed while the connection was away', () => {
    const model = folded([{ t: 'list', rows: [row('a', queue), row('b', atBot)] }]);
    folded(
      [{ t: 'list', rows: [row('a', queue), row('b', queue, { seq: 4 }), row('c', queue)] }],
      model,
    );
    expect(model.changedAway).toEqual(['b', 'c']);
  });

  it('a row that is missing in the new list is gone, a resolved one is kept', () => {
    const resolved = row('r', { kind: 'nobody' }, { status: 'resolved', seq: 9 });
    const model = folded([
      { t: 'list', rows: [row('a', queue), row('b', queue)] },
      { t: 'row', row: resolved },
      { t: 'list', rows: [row('b', queue)] },
    ]);
    expect([...model.rows.keys()].sort()).toEqual(['b', 'r']);
  });

  it('typing ends with the message or after its time', () => {
    const typing: ServerFrame = {
      t: 'signal',
      signal: { type: 'typing', conversation: 'c1', by: 'contact' },
    };
    const model = folded([typing]);
    expect(expireTyping(model, NOON + TYPING_SHOWN_MS - 1)).toBe(false);
    expect(expireTyping(model, NOON + TYPING_SHOWN_MS)).toBe(true);
    folded([typing, { t: 'events', conversation: 'c1', events: [] }], model);
    expect(model.typing.size).toBe(0);
    expect(TYPING_SHOWN_MS).toBe(TYPING_EXPIRES_MS);
  });
});
