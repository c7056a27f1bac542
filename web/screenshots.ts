/**
 * Makes the README's pictures from the running product: a real server, a real conversation, real
 * browsers. `npm run screenshots`; needs Debian's chromium.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser.ts';
import { startServer } from '../test/support/server.ts';

const FOLDER = join(import.meta.dirname, 'screenshots');

async function openDesk(browser: Browser, url: string, token: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, locale: 'de-DE' });
  await page.goto(`${url}/console/#/sign-up/${token}`);
  await page.getByLabel('Name').fill('Anna Beispiel');
  await page.getByLabel('E-Mail').fill('anna@example.com');
  await page.getByLabel('Passwort', { exact: true }).fill('ein wirklich langer Satz');
  await page.getByRole('button', { name: 'Konto anlegen' }).click();
  await page.getByText('Niemand wartet.').first().waitFor();
  return page;
}

async function openChat(
  browser: Browser,
  url: string,
): Promise<{ page: Page; chat: FrameLocator }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
  await page.goto(url);
  await page.getByRole('button', { name: /chat/i }).click();
  return { page, chat: page.frameLocator('iframe') };
}

async function say(chat: FrameLocator, text: string, answer: RegExp): Promise<void> {
  await chat.getByRole('textbox').fill(text);
  await chat.getByRole('textbox').press('Enter');
  await chat.getByRole('log').getByText(answer).first().waitFor();
}

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const desk = await openDesk(browser, server.url, server.signUpToken() ?? '');
    const { page, chat } = await openChat(browser, server.url);
    await say(chat, 'Wie lange dauert die Lieferung?', /2 bis 4 Werktagen/);
    await page.screenshot({ path: join(FOLDER, 'widget.png') });
    await say(chat, 'Das Paket kam beschädigt an', /Transportschaden|beschädigt|Schaden/);
    await chat.getByRole('button', { name: 'Mit einem Menschen sprechen' }).first().click();
    await desk
      .getByText(/^Kontakt/)
      .first()
      .waitFor();
    await desk.keyboard.press('j');
    await desk.keyboard.press('Enter');
    await desk.getByText('Wünscht einen Menschen').first().waitFor();
    await desk
      .getByRole('button', { name: /^Übernehmen/ })
      .first()
      .click();
    await desk.getByLabel('Antwort an den Kontakt').fill('Guten Tag, das tut mir leid. Ich sehe');
    await desk.waitForTimeout(500);
    await desk.screenshot({ path: join(FOLDER, 'console.png') });
  } finally {
    await browser.close();
    await server.stop();
  }
}

await main();
