/**
 * The main job as two people see it, in a real Chromium against a real server with the real model:
 * a question answered at once; a hand-over to a person, his reply, the resolution and the survey.
 */
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '#test/support/browser.ts';
import { type Server, startServer } from '#test/support/server.ts';

let server: Server;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

type Shop = { page: Page; chat: FrameLocator; context: BrowserContext; outside: string[] };

/** The shop in a fresh browser profile, with the chat open; notes every request to elsewhere. */
async function openShop(path = '/'): Promise<Shop> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) {
      outside.push(request.url());
    }
  });
  await page.goto(server.url + path);
  await page.getByRole('button', { name: /chat/i }).click();
  return { page, chat: page.frameLocator('iframe'), context, outside };
}

const write = async (chat: FrameLocator, text: string): Promise<void> => {
  await chat.getByRole('textbox').fill(text);
  await chat.getByRole('textbox').press('Enter');
};

describe('a question', () => {
  it('in German is answered at once, by an AI that says so, and survives a reload', async () => {
    const { page, chat, context, outside } = await openShop();
    await write(chat, 'Wie lange dauert die Lieferung?');
    const log = chat.getByRole('log');
    await log.getByText(/2 bis 4 Werktagen/).waitFor();
    await log.getByText('KI', { exact: true }).first().waitFor();
    await log.getByText(/KI-Assistent von Muster-Shop/).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /chat/i }).click();
    await log.getByText('Wie lange dauert die Lieferung?', { exact: true }).first().waitFor();
    await log.getByText(/2 bis 4 Werktagen/).waitFor();
    expect(outside).toEqual([]);
    await context.close();
  });

  it('in English on the English page gets an English answer', async () => {
    const { chat, context } = await openShop('/en/');
    await write(chat, 'How long does delivery take?');
    await chat
      .getByRole('log')
      .getByText(/2 to 4 working days/)
      .waitFor();
    await context.close();
  });

  it('with markup in it stays text', async () => {
    const { page, chat, context } = await openShop();
    await write(chat, '<img src=x onerror="top.hacked=1"><b>Lieferzeit</b>?');
    await chat.getByText('<img src=x onerror="top.hacked=1"><b>Lieferzeit</b>?').first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await context.close();
  });
});

it('a hand-over: the person sees everything, replies, resolves; the contact scores', async () => {
  const console = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'de-DE',
  });
  const desk = await console.newPage();
  await desk.goto(`${server.url}/console/#/sign-up/${server.signUpToken()}`);
  await desk.getByLabel('Name').fill('Anna Beispiel');
  await desk.getByLabel('E-Mail').fill('anna@example.com');
  await desk.getByLabel('Passwort', { exact: true }).fill('ein wirklich langer Satz');
  await desk.getByRole('button', { name: 'Konto anlegen' }).click();
  await desk.getByText('Niemand wartet.').first().waitFor();

  const { chat, context } = await openShop();
  await write(chat, 'Wie lange dauert die Lieferung?');
  await chat
    .getByRole('log')
    .getByText(/2 bis 4 Werktagen/)
    .waitFor();
  await chat.getByRole('button', { name: 'Mit einem Menschen sprechen' }).first().click();
  await chat
    .getByText(/nichts wiederholen/)
    .first()
    .waitFor();

  const row = desk.getByRole('option').or(desk.getByRole('row')).or(desk.getByRole('listitem'));
  await row.filter({ hasText: 'Kontakt' }).first().click();

  await desk.getByText('Wünscht einen Menschen').first().waitFor();
  await desk
    .getByText(/2 bis 4 Werktagen/)
    .first()
    .waitFor();
  await desk
    .getByRole('button', { name: /^Übernehmen/ })
    .first()
    .click();
  await chat.getByText('Anna Beispiel').first().waitFor();

  await desk.getByLabel('Antwort an den Kontakt').fill('Guten Tag, ich sehe gleich nach.');
  await desk.keyboard.press('Control+Enter');
  await chat.getByText('Guten Tag, ich sehe gleich nach.').waitFor();

  // The bot is silent now, even for what it could answer.
  await write(chat, 'Was kostet der Versand?');
  await desk.getByText('Was kostet der Versand?').first().waitFor();
  await desk
    .getByRole('button', { name: /^Lösen/ })
    .first()
    .click();
  await chat.getByRole('radio', { name: /5/ }).check({ force: true });
  await chat.getByRole('textbox').first().fill('Schnell und freundlich');
  await chat.getByRole('button', { name: 'Bewertung senden' }).click();
  await chat.getByText(/Danke für Ihre Bewertung/).waitFor();

  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/tresen_csat_total\{score="5"\} 1/);
  expect(metrics).toMatch(/tresen_handovers_total\{reason="requested"\} 1/);
  expect(metrics).toMatch(/tresen_messages_total\{sender="agent"\} 1/);
  await context.close();
  await console.close();
}, 60_000);

it('kill -9 in the middle of a chat: both browsers go on by themselves (G4, G5)', async () => {
  const { chat, context } = await openShop();
  const seat = await browser.newContext({ locale: 'de-DE' });
  const desk = await seat.newPage();
  await write(chat, 'Wie lange dauert die Lieferung?');
  await chat
    .getByRole('log')
    .getByText(/2 bis 4 Werktagen/)
    .waitFor();
  await desk.goto(`${server.url}/console/`);
  await desk.getByLabel('E-Mail').fill('anna@example.com');
  await desk.getByLabel('Passwort', { exact: true }).fill('ein wirklich langer Satz');
  await desk.getByRole('button', { name: 'Anmelden' }).click();
  await desk.getByText('Niemand wartet.').first().waitFor();

  const { dataDir } = server;
  const port = Number(new URL(server.url).port);
  await server.kill9();
  await write(chat, 'Geschrieben, als der Server tot war');
  await chat.getByText('Geschrieben, als der Server tot war').waitFor();
  server = await startServer({ dataDir, port });
  await chat.getByText('Keine Verbindung').waitFor({ state: 'detached' });
  const said = chat.getByText('Geschrieben, als der Server tot war');
  await chat.getByRole('button', { name: 'Mit einem Menschen sprechen' }).first().click();
  await desk.getByText('Kontakt').first().waitFor();
  await desk.keyboard.press('j');
  await desk.keyboard.press('Enter');
  await desk.getByText('Geschrieben, als der Server tot war').first().waitFor();
  expect(await said.count()).toBe(1);
  await desk
    .getByRole('button', { name: /^Übernehmen/ })
    .first()
    .click();
  await desk.getByLabel('Antwort an den Kontakt').fill('Ich bin trotzdem da.');
  await desk.keyboard.press('Control+Enter');
  await chat.getByText('Ich bin trotzdem da.').waitFor();
  await context.close();
  await seat.close();
}, 90_000);
