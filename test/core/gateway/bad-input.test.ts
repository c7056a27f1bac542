/**
 * Bad input over real sockets of a real process: each gets a clear refusal or is kept as plain
 * text, and the connection of others is undisturbed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAME_MAX_BYTES } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { type Client, connect, newId } from '#test/support/client.ts';
import { type Server, signUpAgent, startServer } from '#test/support/server.ts';

let server: Server;
let bystander: Client;
let bystanderConversation: string;

beforeAll(async () => {
  server = await startServer({ untilBot: false });
  bystander = await connect(server.url, { as: 'contact' });
  bystanderConversation = await openConversation(bystander);
});
afterAll(async () => {
  const ack = await bystander.command({
    type: 'message.send',
    conversation: bystanderConversation,
    text: 'Mich hat niemand gestört.',
  });
  expect(ack.t).toBe('ack');
  expect(bystander.closedWith()).toBeUndefined();
  await server.stop();
});

async function openConversation(client: Client): Promise<string> {
  const conversation = newId();
  await client.command({ type: 'conversation.open', conversation, language: 'de' });
  return conversation;
}
const refusalTo = (client: Client) =>
  client.until(() => client.frames.find((frame) => frame.t === 'refusal'), 'refusal');

describe('frames', () => {
  it.each([
    ['no JSON', '{', 'frame_malformed'],
    ['an array', '[]', 'frame_malformed'],
    ['an unknown frame', '{"t":"dance"}', 'frame_unknown'],
    ['an unknown key', '{"t":"ping","and":1}', 'frame_malformed'],
  ])('%s', async (_what, text, code) => {
    const client = await connect(server.url, { as: 'contact' });
    client.sendText(text);
    expect(await refusalTo(client)).toMatchObject({ code });
    client.close();
  });

  it('an unknown command is refused under its own id', async () => {
    const client = await connect(server.url, { as: 'contact' });
    const id = newId();
    client.sendText(JSON.stringify({ t: 'command', id, command: { type: 'account.delete' } }));
    expect(await refusalTo(client)).toMatchObject({ id, code: 'command_unknown' });
    client.close();
  });

  it('a command of agents is unknown to contacts', async () => {
    const client = await connect(server.url, { as: 'contact' });
    const conversation = await openConversation(client);
    const refused = await client.command({ type: 'conversation.resolve', conversation });
    expect(refused).toMatchObject({ code: 'command_unknown' });
    client.close();
  });

  it('too large: the connection ends with a code that says so', async () => {
    const client = await connect(server.url, { as: 'contact' });
    client.sendText(JSON.stringify({ t: 'ping', x: 'x'.repeat(FRAME_MAX_BYTES) }));
    expect([1009, CLOSE.frame_too_large]).toContain(await client.untilClosed());
  });

  it('nonsense without end: the connection ends and does not come back by itself', async () => {
    const client = await connect(server.url, { as: 'contact' });
    for (let i = 0; i < 20; i++) client.sendText('nonsense');
    expect(await client.untilClosed()).toBe(CLOSE.frame_malformed);
  });

  it('no hello: the connection ends', async () => {
    const client = await connect(server.url, { as: 'contact', protocol: 99 });
    expect(client.first).toMatchObject({ t: 'refusal', code: 'protocol_unsupported' });
    expect(await client.untilClosed()).toBe(CLOSE.protocol_unsupported);
  });
});

describe('commands', () => {
  it('the conversation of somebody else looks as if it did not exist', async () => {
    const client = await connect(server.url, { as: 'contact' });
    const others = await client.command({
      type: 'message.send',
      conversation: bystanderConversation,
      text: 'Was steht da?',
    });
    const nobodys = await client.command({
      type: 'message.send',
      conversation: newId(),
      text: 'Was steht da?',
    });
    expect(others).toMatchObject({ t: 'refusal', code: 'not_found' });
    expect({ ...others, id: '' }).toEqual({ ...nobodys, id: '' });
    const taken = await client.command({
      type: 'conversation.open',
      conversation: bystanderConversation,
      language: 'de',
    });
    expect(taken).toMatchObject({ t: 'refusal', code: 'conversation_exists' });
    client.close();
  });

  it.each([
    ['10 000 characters', 'a'.repeat(10_000), 'text_too_long'],
    ['nothing but blanks', ' \n ', 'text_empty'],
    ['a terminal escape', '\u001b[2J', 'text_control_characters'],
    ['reversed writing', 'abc\u202Edef', 'text_control_characters'],
  ])('%s', async (_what, text, code) => {
    const client = await connect(server.url, { as: 'contact' });
    const conversation = await openConversation(client);
    const answer = await client.command({ type: 'message.send', conversation, text });
    expect(answer).toMatchObject({ t: 'refusal', code });
    client.close();
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '{{constructor.constructor("return 1")()}}',
    "'); DROP TABLE events; --",
    '🧑‍🚀 äöüß € 中文 עברית',
  ])('keeps %s as the text it is', async (text) => {
    const client = await connect(server.url, { as: 'contact' });
    const conversation = await openConversation(client);
    await client.command({ type: 'message.send', conversation, text });
    const event = await client.untilEvent(
      conversation,
      ({ by, body }) => by.kind === 'contact' && body.type === 'message.sent',
    );
    expect(event.body).toEqual({ type: 'message.sent', text });
    client.close();
  });

  it('a flood is slowed down, and told when to go on', async () => {
    const client = await connect(server.url, { as: 'contact' });
    const conversation = await openConversation(client);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        client.command({ type: 'message.send', conversation, text: `Nachricht ${i}` }),
      ),
    );
    const limited = answers.filter((a) => a.t === 'refusal' && a.code === 'rate_limited');
    expect(limited.length).toBeGreaterThan(0);
    expect(limited.every((a) => a.t === 'refusal' && (a.retryAfterMs ?? 0) > 0)).toBe(true);
    client.close();
  });
});

describe('people', () => {
  it('an agent needs a sign-in', async () => {
    const client = await connect(server.url, { as: 'agent' }, { cookie: 'tresen_sign_in=guess' });
    expect(client.first).toMatchObject({ t: 'refusal', code: 'sign_in_required' });
    expect(await client.untilClosed()).toBe(CLOSE.signed_out);
  });

  it("a page of somebody else cannot open a socket with an agent's cookie", async () => {
    const { cookie } = await signUpAgent(server);
    const foreign = connect(server.url, { as: 'agent' }, { cookie, origin: 'http://evil.example' });
    await expect(foreign).rejects.toThrow(/403/);
    const own = await connect(server.url, { as: 'agent' }, { cookie, origin: server.url });
    expect(own.welcome().agent?.name).toBe('Anna Beispiel');
    const out = await fetch(`${server.url}/api/sign-out`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(out.status).toBe(204);
    expect(await own.untilClosed()).toBe(CLOSE.signed_out);
  });
});
