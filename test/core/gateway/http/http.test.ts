/**
 * HTTP of a real process: who may call what, what is refused and how, what every page forbids the
 * browser, and that neither log nor metrics hold what people wrote.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '#core/protocol/endpoints.ts';
import { connect, newId } from '#test/support/client.ts';
import { type Server, signUpAgent, startServer } from '#test/support/server.ts';

let server: Server;
let agent: { cookie: string; email: string; password: string };

beforeAll(async () => {
  server = await startServer({ untilBot: false });
  agent = await signUpAgent(server);
});
afterAll(() => server.stop());

/** JSON as the test expects it; a wrong shape fails the expectation. */
// biome-ignore lint/suspicious/noExplicitAny: the expectations are the check
const json = async (response: Response): Promise<any> => response.json();
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers, redirect: 'manual' });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('access', () => {
  it.each([ENDPOINTS.me, ENDPOINTS.cannedResponses])('%s needs a sign-in', async (path) => {
    const refused = await get(path);
    expect(refused.status).toBe(401);
    expect(await json(refused)).toEqual({ refused: 'sign_in_required' });
    expect((await get(path, { cookie: agent.cookie })).status).toBe(200);
  });

  it('only agents invite', async () => {
    expect((await post(ENDPOINTS.invitations, {})).status).toBe(401);
    const invited = await post(ENDPOINTS.invitations, {}, { cookie: agent.cookie });
    expect((await json(invited)).link).toMatch(/\/console\/#\/sign-up\/[\w-]{43}$/);
  });

  it('/metrics answers this machine, not what comes through a proxy', async () => {
    const metrics = await get('/metrics');
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain('tresen_bot_turn_milliseconds_bucket');
    expect((await get('/metrics', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
  });

  it('anything else does not exist', async () => {
    for (const path of ['/api/nothing', '/widget/assets/../../package.json', '/.env']) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

describe('signing up and in', () => {
  const body = { name: 'Ben', email: 'ben@example.com', password: 'lang genug, wirklich' };

  it('uses a link once', async () => {
    const again = await post(ENDPOINTS.signUp, { token: server.signUpToken(), ...body });
    expect(again.status).toBe(403);
    expect(await json(again)).toEqual({ refused: 'invitation_invalid' });
  });

  it('sets a cookie that scripts and other sites cannot use', async () => {
    const { email, password } = agent;
    const response = await post(ENDPOINTS.signIn, { email: email.toUpperCase(), password });
    expect(response.status).toBe(200);
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const wrong = await post(ENDPOINTS.signIn, { email: agent.email, password: 'falsch' });
    const unknown = await post(ENDPOINTS.signIn, { email: 'no@example.com', password: 'falsch' });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(await wrong.text()).toBe(await unknown.text());
  });

  it.each([
    ['a short password', { ...body, token: 'x', password: 'kurz' }],
    ['no e-mail address', { ...body, token: 'x', email: 'ben' }],
    ['an unknown field', { ...body, token: 'x', role: 'admin' }],
    ['an object for a string', { ...body, token: { $ne: '' } }],
  ])('refuses %s', async (_what, wrong) => {
    const response = await post(ENDPOINTS.signUp, wrong);
    expect(response.status).toBe(400);
    expect((await json(response)).refused).toBe('command_invalid');
  });

  it('refuses what another site makes a browser send', async () => {
    const { email, password } = agent;
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await post(ENDPOINTS.signIn, { email, password }, headers)).status).toBe(403);
    const foreign = { origin: 'http://evil.example' };
    expect((await post(ENDPOINTS.signIn, { email, password }, foreign)).status).toBe(403);
  });

  it.each(['text/plain', 'application/json\t; x', ' application/x-json'])(
    'refuses the content type %s',
    async (type) => {
      const headers = { 'content-type': type };
      const response = await post(ENDPOINTS.signIn, { email: 'a@b', password: 'x' }, headers);
      expect([400, 403, 415]).toContain(response.status);
    },
  );

  it('refuses bodies that are no JSON or too large', async () => {
    expect((await post(ENDPOINTS.signIn, '{')).status).toBe(400);
    expect((await post(ENDPOINTS.signIn, `"${'x'.repeat(70_000)}"`)).status).toBe(413);
  });

  it('limits attempts per address', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) {
      const wrong = { email: agent.email, password: 'falsch' };
      statuses.push((await post(ENDPOINTS.signIn, wrong)).status);
    }
    expect(statuses).toContain(429);
  });
});

describe('pages', () => {
  it.each(['/', '/en/', '/widget/', '/console/'])(
    '%s lets in nothing from elsewhere',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).not.toMatch(
        /<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|javascript:/,
      );
    },
  );

  it('the widget may be embedded by its own pages, the console by nobody', async () => {
    const widget = (await get('/widget/')).headers.get('content-security-policy');
    const console = (await get('/console/')).headers.get('content-security-policy');
    expect(widget).toContain("frame-ancestors 'self'");
    expect(console).toContain("frame-ancestors 'none'");
  });

  it('tells the widget what it needs, in both languages', async () => {
    const config = await json(await get(ENDPOINTS.widgetConfig));
    expect(config).toMatchObject({ company: 'Muster-Shop', socket: '/socket' });
    expect(config.questions.de).toHaveLength(4);
    expect(config.questions.en).toHaveLength(4);
  });
});

describe('operations', () => {
  it('health says how it is', async () => {
    const health = await json(await get(ENDPOINTS.health));
    expect(health).toMatchObject({ status: 'ok', store: 'ok', socket: 'ws' });
    expect(health.articles).toBeGreaterThanOrEqual(60);
    expect(['learning', 'ready']).toContain(health.bot);
  });

  it('what people write reaches neither the log nor the metrics', async () => {
    const canary = 'Kanarienvogel-4711';
    const contact = await connect(server.url, { as: 'contact' });
    const conversation = newId();
    await contact.command({ type: 'conversation.open', conversation, language: 'de' });
    await contact.command({ type: 'message.send', conversation, text: canary });
    contact.sendText(`{"t":"${canary}"}`);
    await post(ENDPOINTS.signIn, { email: `${canary}@example.com`, password: canary });
    await contact.untilEvent(conversation, (event) => event.seq >= 3);
    const metrics = await (await get('/metrics')).text();
    for (const secret of [canary, agent.email, agent.password, 'Anna', conversation]) {
      expect(metrics).not.toContain(secret);
      expect(server.output()).not.toContain(secret);
    }
    expect(metrics).toMatch(/tresen_messages_total\{sender="contact"\} \d+/);
    expect(metrics).toMatch(/tresen_connections\{kind="contact"\} \d+/);
    expect(metrics).toContain('nodejs_eventloop_lag_p99_seconds');
    contact.close();
  });
});
