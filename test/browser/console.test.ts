/**
 * The console in a real Chromium against a real server: sign up, take, answer, resolve, come back
 * after a lost connection; no finding of axe in light and dark.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { connect, newId } from '../support/client.ts';
import { type Server, signUpAgent, startServer } from '../support/server.ts';

const PASSWORD = 'ein ganzer Satz ist gut';
let server: Server;
let browser: Browser;
let page: Page;
const mistakes: string[] = [];

async function newPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: 'de-DE',
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const made = await context.newPage();
  made.setDefaultTimeout(10_000);
  made.on('pageerror', (error) => mistakes.push(error.message));
  made.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) mistakes.push(message.text());
  });
  return made;
}

/** A contact who has asked for a person. */
async function waitingContact(text: string) {
  const contact = await connect(server.url, { as: 'contact' });
  const conversation = newId();
  await contact.command({ type: 'conversation.open', conversation, language: 'de' });
  await contact.command({ type: 'message.send', conversation, text });
  await contact.command({ type: 'human.request', conversation });
  await contact.untilEvent(conversation, ({ body }) => body.type === 'handover.requested');
  return { contact, conversation };
}

const rowOf = (conversation: string) => page.locator(`[data-row="${conversation}"]`);
const findings = async (): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`);
};

beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
  page = await newPage();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('console', () => {
  it('signs the first agent up by the printed link', async () => {
    await page.goto(`${server.url}/console/#/sign-up/${server.signUpToken()}`);
    await page.getByLabel('Name', { exact: true }).fill('Sabine Krüger');
    await page.getByLabel('E-Mail').fill('sabine@example.com');
    await page.locator('input[name=password]').fill('kurz');
    await page.getByRole('button', { name: 'Konto anlegen' }).click();
    await page.getByText('Noch 6 Zeichen.').waitFor();
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Konto anlegen' }).click();
    await page.locator('.empty-list').getByText('Niemand wartet.').waitFor();
    expect(await page.title()).toBe('Tresen');
  });

  it('takes, answers, notes and resolves by keyboard', async () => {
    const { contact, conversation } = await waitingContact('Mein Paket ist weg.');
    await rowOf(conversation).waitFor();
    expect(await page.title()).toBe('(1) Tresen');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('.bubble').getByText('Mein Paket ist weg.').waitFor();

    await page.keyboard.press('r');
    await page.keyboard.type('Guten Tag, ich sehe nach.');
    await page.getByRole('button', { name: 'Übernehmen und antworten' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const reply = await contact.untilEvent(
      conversation,
      ({ body }) => body.type === 'message.sent' && body.text === 'Guten Tag, ich sehe nach.',
    );
    expect(reply.by).toMatchObject({ kind: 'agent', name: 'Sabine Krüger' });
    const before = contact.eventsOf(conversation).map(({ body }) => body.type);
    expect(before.lastIndexOf('conversation.assigned')).toBeLessThan(reply.seq - 1);

    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type('Paketdienst anrufen');
    await page.keyboard.press('Control+Enter');
    await page.locator('.message[data-by=note]').getByText('Paketdienst anrufen').waitFor();

    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await contact.untilEvent(conversation, ({ body }) => body.type === 'survey.sent');
    await contact.command({ type: 'survey.answer', conversation, score: 5, comment: 'Danke!' });
    await page.goto(`${server.url}/console/#/c/${conversation}`);
    await page.locator('.log').getByLabel('5 von 5 Sternen').waitFor();
    expect(JSON.stringify(contact.frames)).not.toContain('Paketdienst anrufen');
    contact.close();
  });

  it('inserts canned responses by slash and one key, keeps the draft over a reload', async () => {
    const { contact, conversation } = await waitingContact('Ich habe eine Frage.');
    await page.goto(`${server.url}/console/#/c/${conversation}`);
    const field = page.getByLabel('Antwort an den Kontakt');
    await field.fill('');
    await field.pressSequentially('/gruss');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toContain('Sabine Krüger');
    expect(await field.inputValue()).not.toContain('{{');
    const length = (await field.inputValue()).length;
    await page.keyboard.press('Alt+Digit2');
    expect((await field.inputValue()).length).toBeGreaterThan(length);
    await page.reload();
    expect(await field.inputValue()).toContain('Sabine Krüger');
    contact.close();
  });

  it('says in words that a colleague was faster', async () => {
    const { contact, conversation } = await waitingContact('Hallo?');
    const invited = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/invitations', { method: 'POST', headers, body: '{}' });
      return (await answer.json()) as { link: string };
    });
    const token = /sign-up\/([\w-]+)/.exec(invited.link)?.[1];
    const invitation = { url: server.url, signUpToken: () => token };
    const { cookie } = await signUpAgent(invitation, 'Jonas Weber');
    const jonas = await connect(server.url, { as: 'agent' }, { cookie });

    const late: (string | Buffer)[] = [];
    let isSlow = false;
    let deliver = (_message: string | Buffer): void => {};
    await page.routeWebSocket(/\/socket$/, (socket) => {
      deliver = (message) => socket.send(message);
      socket.connectToServer().onMessage((message) => {
        if (isSlow) late.push(message);
        else deliver(message);
      });
    });
    await page.reload();
    await page.goto(`${server.url}/console/#/c/${conversation}`);
    const take = page.locator('.conversation-actions').getByRole('button', { name: 'Übernehmen' });
    await take.waitFor();
    isSlow = true;
    await jonas.command({ type: 'conversation.take', conversation });
    await take.click();
    await expect.poll(() => late.join().includes('conversation_already_taken')).toBe(true);
    isSlow = false;
    for (const message of late) deliver(message);
    await page.getByText('Jonas Weber war schneller').waitFor();
    await page.getByText('Jonas Weber führt diese Konversation').waitFor();
    jonas.close();
    contact.close();
  });

  it('comes back after a lost connection and tells what was missed', async () => {
    const { contact, conversation } = await waitingContact('Noch jemand da?');
    let isDown = false;
    let cut = (): void => {};
    await page.routeWebSocket(/\/socket$/, (socket) => {
      if (isDown) {
        void socket.close({ code: 1001 });
        return;
      }
      const upstream = socket.connectToServer();
      cut = () => {
        void upstream.close();
        void socket.close({ code: 1001 });
      };
    });
    await page.reload();
    await page.goto(`${server.url}/console/#/c/${conversation}`);
    await page.locator('.bubble').getByText('Noch jemand da?').waitFor();
    isDown = true;
    cut();
    await page.getByText(/^Getrennt seit/).waitFor();
    await page.getByLabel('Antwort an den Kontakt').fill('Ja, ich bin da.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Wartet auf Verbindung').waitFor();
    for (const text of ['Hallo?', 'Ich warte.']) {
      await contact.command({ type: 'message.send', conversation, text });
    }
    isDown = false;
    await page.getByText('Nachgeladen: 2 Nachrichten').waitFor({ timeout: 20_000 });
    await contact.untilEvent(
      conversation,
      ({ body }) => body.type === 'message.sent' && body.text === 'Ja, ich bin da.',
    );
    await expect.poll(() => page.locator('.bubble').getByText('Ja, ich bin da.').count()).toBe(1);
    expect(await page.locator('.message[data-pending]').count()).toBe(0);
    contact.close();
  }, 60_000);

  it.each(['light', 'dark'] as const)(
    'has no finding of axe (%s)',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { contact, conversation } = await waitingContact('Das ist eine Frechheit!');
      await page.goto(`${server.url}/console/#/`);
      await rowOf(conversation).waitFor();
      expect(await findings()).toEqual([]);
      await rowOf(conversation).click();
      await page.locator('.handover-card').first().waitFor();
      expect(await findings()).toEqual([]);
      await page.keyboard.press('n');
      await page.keyboard.type('Notiz');
      expect(await findings()).toEqual([]);
      await page.getByRole('button', { name: /Menü von/ }).click();
      await page.getByRole('menuitemradio', { name: 'English' }).waitFor();
      expect(await findings()).toEqual([]);
      await page.keyboard.press('Escape');
      contact.close();

      const stranger = await newPage({ colorScheme });
      await stranger.goto(`${server.url}/console/`);
      await stranger.getByRole('heading', { name: 'Willkommen zurück' }).waitFor();
      const { violations } = await new AxeBuilder({ page: stranger }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await stranger.context().close();
    },
    90_000,
  );

  it('fits 360 pixels with one pane and a way back', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const overflow = () => page.locator('html').evaluate((html) => html.scrollWidth);
    expect(await overflow()).toBe(360);
    await page.getByRole('link', { name: 'Zurück zur Liste' }).click();
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.conversation-head').isVisible()).toBe(false);
    expect(await overflow()).toBe(360);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('signs out and in again, wrong passwords are told', async () => {
    await page.getByRole('button', { name: /Menü von/ }).click();
    await page.getByRole('menuitem', { name: 'Abmelden' }).click();
    await page.getByLabel('E-Mail').fill('sabine@example.com');
    await page.locator('input[name=password]').fill('falsch falsch');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('E-Mail oder Passwort stimmt nicht.').waitFor();
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.locator('.top-bar').waitFor();
  });

  it('made no script error and broke no content security policy', () => {
    expect(mistakes).toEqual([]);
  });
});
