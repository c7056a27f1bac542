/**
 * Nothing typed is lost and nothing overtakes: FIFO per conversation, the same id again after a
 * reconnect, refusals that wait, refusals that fail.
 */
import { describe, expect, it } from 'vitest';
import type { ContactCommand } from '#core/protocol/commands.ts';
import { createConnection, type PendingCommand } from '../../../web/shared/connection.ts';
import { createFakeEnvironment, WELCOME } from './fake-environment.ts';

const A = '0199a3f2-0000-7000-8000-00000000000a';
const say = (text: string, conversation = A): ContactCommand => ({
  type: 'message.send',
  conversation,
  text,
});
const openOf = (conversation: string): ContactCommand => ({
  type: 'conversation.open',
  conversation,
  language: 'de',
});

function connect(saved: PendingCommand[] = []) {
  const fake = createFakeEnvironment();
  let outbox: readonly PendingCommand[] = [];
  const connection = createConnection({
    address: '/socket',
    environment: fake.environment,
    hello: () => ({ t: 'hello', protocol: 1, as: 'contact' }),
    onFrame: () => {},
    onStatus: () => {},
    onOutbox: (pending) => {
      outbox = pending;
    },
    saved,
  });
  const goLive = () => {
    fake.newest().opens();
    fake.newest().says(WELCOME);
  };
  const sent = () =>
    fake.newest().sent.flatMap((frame) => (frame.t === 'command' ? [frame.id] : []));
  const ack = (id: string) => fake.newest().says({ t: 'ack', id, conversation: A, seq: 1, at: 1 });
  return { ...fake, connection, goLive, sent, ack, outbox: () => outbox };
}

describe('outbox', () => {
  it('waits until live, then sends one after the other', () => {
    const { connection, goLive, sent, ack, outbox } = connect();
    const first = connection.command(openOf(A));
    const second = connection.command(say('eins'));
    expect(outbox().map(({ state }) => state)).toEqual(['sending', 'sending']);
    goLive();
    expect(sent()).toEqual([first]);
    ack(first);
    expect(sent()).toEqual([first, second]);
    ack(second);
    expect(outbox()).toEqual([]);
  });

  it('sends what was not acked again, with the same id, after a reconnect', () => {
    const { connection, goLive, newest, wake, sent } = connect();
    goLive();
    const id = connection.command(say('eins'));
    newest().closes(1006);
    wake();
    goLive();
    expect(sent()).toEqual([id]);
  });

  it('has at most five commands in flight over all conversations', () => {
    const { connection, goLive, sent, ack } = connect();
    goLive();
    const ids = Array.from({ length: 7 }, (_, i) =>
      connection.command(say('x', `0199a3f2-0000-7000-8000-00000000000${i}`)),
    );
    expect(sent()).toEqual(ids.slice(0, 5));
    ack(ids[2] ?? '');
    expect(sent()).toEqual(ids.slice(0, 6));
  });

  it('waits as long as a refusal asks for; nothing of the conversation overtakes', () => {
    const { connection, goLive, newest, passes, sent } = connect();
    goLive();
    const first = connection.command(say('eins'));
    connection.command(say('zwei'));
    newest().says({ t: 'refusal', id: first, code: 'rate_limited', retryAfterMs: 3_000 });
    passes(2_999);
    expect(sent()).toEqual([first]);
    passes(1);
    expect(sent()).toEqual([first, first]);
  });

  it('keeps a failed command with its reason, and goes on with the next', () => {
    const { connection, goLive, newest, sent, outbox } = connect();
    goLive();
    const first = connection.command(say('eins'));
    const second = connection.command(say('zwei'));
    newest().says({ t: 'refusal', id: first, code: 'text_too_long' });
    expect(outbox()[0]).toMatchObject({ id: first, state: 'failed', refusal: 'text_too_long' });
    expect(sent()).toEqual([first, second]);
    connection.discard(first);
    expect(outbox().map(({ id }) => id)).toEqual([second]);
  });

  it('stops a conversation that could not be opened, and no other', () => {
    const { connection, goLive, newest, sent, outbox } = connect();
    goLive();
    const open = connection.command(openOf(A));
    connection.command(say('eins'));
    newest().says({ t: 'refusal', id: open, code: 'command_invalid' });
    const other = connection.command(say('zwei', '0199a3f2-0000-7000-8000-00000000000b'));
    expect(sent()).toEqual([open, other]);
    expect(outbox()).toHaveLength(3);
    connection.retry(open);
    expect(sent()).toEqual([open, other, open]);
    expect(outbox()[0]).toEqual({ id: open, command: openOf(A), state: 'sending' });
  });

  it('sends what an earlier page has left behind', () => {
    const saved: PendingCommand[] = [{ id: A, command: say('von vorhin'), state: 'sending' }];
    const { goLive, sent } = connect(saved);
    goLive();
    expect(sent()).toEqual([A]);
  });

  it('treats a refusal it does not know as final', () => {
    const { connection, goLive, newest, outbox } = connect();
    goLive();
    const id = connection.command(say('eins'));
    newest().says({ t: 'refusal', id, code: 'of_tomorrow' as 'busy' });
    expect(outbox()[0]?.state).toBe('failed');
  });
});
