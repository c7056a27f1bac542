/**
 * The widget in a real Chromium against a real server: what is stored and when, the keyboard, the
 * page API, a lost connection, and axe over every state in light, dark and on a small screen.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, FrameLocator, Page } from 'playwright-core';
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

type Shop = { page: Page; chat: FrameLocator; requests: string[]; errors: string[] };

async function openShop(path = '/', options: BrowserContextOptions = {}): Promise<Shop> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(server.url + path, { waitUntil: 'networkidle' });
  return { page, chat: page.frameLocator('iframe'), requests, errors };
}

const launcher = (page: Page) => page.getByRole('region', { name: 'Chat' }).getByRole('button');

async function openChat(shop: Shop): Promise<void> {
  await launcher(shop.page).click();
  await shop.chat.getByRole('textbox').waitFor();
}

async function say(chat: FrameLocator, text: string): Promise<void> {
  await chat.getByRole('textbox').fill(text);
  await chat.getByRole('textbox').press('Enter');
}

/** Everything a page can leave on a device, of the page and of the frames in it. */
async function stored(page: Page): Promise<Record<string, unknown>> {
  const frames = page.frames().map((frame) =>
    frame.evaluate(`Promise.all([indexedDB.databases(), caches.keys()]).then(([a, b]) => ({
      local: { ...localStorage },
      session: Object.keys(sessionStorage),
      databases: a.length,
      caches: b.length,
    }))`),
  );
  return { cookies: await page.context().cookies(), frames: await Promise.all(frames) };
}

const nothing = { local: {}, session: [], databases: 0, caches: 0 };

describe('what is stored', () => {
  it('is nothing before the first click, nothing before the first send, one key after it', async () => {
    const shop = await openShop();
    const widget = shop.requests.filter((path) => /widget|socket|api/.test(path));
    expect(widget).toEqual(['/widget.js']);
    expect(await stored(shop.page)).toEqual({ cookies: [], frames: [nothing] });

    await openChat(shop);
    await shop.chat.getByRole('button', { name: 'Wie lange dauert die Lieferung?' }).waitFor();
    expect(await stored(shop.page)).toEqual({ cookies: [], frames: [nothing, nothing] });

    await say(shop.chat, 'Wie lange dauert die Lieferung?');
    await shop.chat.getByText(/2 bis 4 Werktagen/).waitFor();
    const kept = { ...nothing, session: ['tresen.widget'] };
    expect(await stored(shop.page)).toEqual({ cookies: [], frames: [kept, kept] });
    expect(shop.errors).toEqual([]);
    await shop.page.context().close();
  });

  it('brings the conversation back after a reload, and goes when the contact says so', async () => {
    const shop = await openShop();
    await openChat(shop);
    await say(shop.chat, 'Wie lange dauert die Lieferung?');
    await shop.chat.getByText(/2 bis 4 Werktagen/).waitFor();
    await shop.page.reload();
    await openChat(shop);
    await shop.chat.getByText(/2 bis 4 Werktagen/).waitFor();
    await shop.chat.getByRole('button', { name: 'Menü' }).click();
    await shop.chat.getByRole('button', { name: 'Daten auf diesem Gerät löschen' }).click();
    await shop.chat.getByRole('button', { name: 'Löschen', exact: true }).click();
    await shop.chat.getByRole('heading', { name: 'Wie können wir helfen?' }).waitFor();
    expect(await stored(shop.page)).toEqual({ cookies: [], frames: [nothing, nothing] });
    await shop.page.context().close();
  });
});

describe('keyboard and page', () => {
  it('opens by Enter, closes by Esc from inside, and focus goes back to the launcher', async () => {
    const shop = await openShop();
    await launcher(shop.page).focus();
    await shop.page.keyboard.press('Enter');
    await shop.chat.locator('textarea:focus').waitFor();
    await shop.page.keyboard.press('Escape');
    await shop.page.locator('iframe').waitFor({ state: 'hidden' });
    const focused = 'document.activeElement.shadowRoot.activeElement.tagName';
    expect(await shop.page.evaluate(focused)).toBe('BUTTON');
    await shop.page.context().close();
  });

  it('never loses focus when the button that was pressed goes away', async () => {
    const shop = await openShop();
    await openChat(shop);
    await shop.chat.getByRole('button', { name: 'Wie lange dauert die Lieferung?' }).click();
    await shop.chat.locator('textarea:focus').waitFor();
    await shop.chat.getByText(/2 bis 4 Werktagen/).waitFor();
    await shop.chat.getByRole('button', { name: 'Mit einem Menschen sprechen' }).click();
    await shop.chat.getByText('Wir holen einen Menschen dazu').waitFor();
    expect(await shop.chat.locator('textarea:focus').count()).toBe(1);
    await shop.page.context().close();
  });

  it('has an API for the page, may be loaded twice, and can be taken away', async () => {
    const { page } = await openShop();
    await page.addScriptTag({ url: '/widget.js' });
    expect(await page.getByRole('region', { name: 'Chat' }).count()).toBe(1);
    const heard = `(() => {
      const events = [];
      Tresen.on('open', () => events.push('open'));
      Tresen.on('close', () => events.push('close'));
      Tresen.open();
      Tresen.close();
      return events;
    })()`;
    expect(await page.evaluate(heard)).toEqual(['open', 'close']);
    await page.evaluate('window.Tresen.destroy()');
    expect(await page.getByRole('region', { name: 'Chat' }).count()).toBe(0);
    expect(await page.evaluate('window.Tresen')).toBeUndefined();
    await page.context().close();
  });

  it('counts what came while it was closed', async () => {
    const shop = await openShop();
    // The answer must not be faster than the hand that closes the panel.
    await shop.page.routeWebSocket(/\/socket$/, (socket) => {
      const upstream = socket.connectToServer();
      upstream.onMessage((message) => setTimeout(() => socket.send(message), 500));
    });
    await openChat(shop);
    await say(shop.chat, 'Wie lange dauert die Lieferung?');
    await shop.page.evaluate('window.Tresen.close()');
    await shop.page.getByRole('button', { name: /neue Nachricht/ }).waitFor();
    await shop.page.context().close();
  });
});

describe('a lost connection', () => {
  it('is told calmly, loses nothing, and everything is sent once it is back', async () => {
    const shop = await openShop();
    const { page, chat } = shop;
    let isCut = false;
    let cut = () => {};
    await page.routeWebSocket(/\/socket$/, (socket) => {
      if (isCut) {
        void socket.close({ code: 4001 });
        return;
      }
      socket.connectToServer();
      cut = () => {
        isCut = true;
        void socket.close({ code: 4001 });
      };
    });
    await openChat(shop);
    await say(chat, 'Wie lange dauert die Lieferung?');
    await chat.getByText(/2 bis 4 Werktagen/).waitFor();
    cut();
    await say(chat, 'Was kostet der Versand?');
    await chat.getByText(/Keine Verbindung/).waitFor();
    await chat.getByText('Wird gesendet').waitFor();
    isCut = false;
    await chat.getByText(/4,90/).first().waitFor();
    expect(await chat.getByText('Was kostet der Versand?', { exact: true }).count()).toBe(1);
    await chat.getByText(/Keine Verbindung/).waitFor({ state: 'detached' });
    await page.context().close();
  });
});

describe('a server that has forgotten everything', () => {
  it('gets what was not stored yet, in a new conversation of a new contact', async () => {
    const first = await startServer();
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    const page = await context.newPage();
    await page.goto(first.url);
    const shop: Shop = { page, chat: page.frameLocator('iframe'), requests: [], errors: [] };
    await openChat(shop);
    await say(shop.chat, 'Wie lange dauert die Lieferung?');
    await shop.chat.getByText(/2 bis 4 Werktagen/).waitFor();
    await first.stop();
    await say(shop.chat, 'Was kostet der Versand?');
    const second = await startServer({ port: Number(new URL(first.url).port) });
    await shop.chat.getByText(/4,90/).first().waitFor({ timeout: 20_000 });
    expect(await shop.chat.getByText('Was kostet der Versand?', { exact: true }).count()).toBe(1);
    expect(await shop.chat.getByText(/2 bis 4 Werktagen/).count()).toBe(0);
    await context.close();
    await second.stop();
  }, 90_000);
});

const looks: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['360 px', { viewport: { width: 360, height: 640 } }],
];

describe.each(looks)('axe finds nothing: %s', (_look, options) => {
  it('in the shop, the welcome, a conversation, the menu and the hand-over', async () => {
    const shop = await openShop('/', { reducedMotion: 'reduce', ...options });
    const { page, chat } = shop;
    const check = async (state: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
      expect(found, state).toEqual([]);
    };
    await check('shop');
    await openChat(shop);
    await chat.getByRole('button', { name: 'Wie lange dauert die Lieferung?' }).waitFor();
    await check('welcome');
    await say(chat, 'Wie lange dauert die Lieferung?');
    await chat.getByText(/2 bis 4 Werktagen/).waitFor();
    await check('answer');
    await chat.getByRole('button', { name: 'Menü' }).click();
    await check('menu');
    await page.keyboard.press('Escape');
    await chat.getByRole('button', { name: 'Mit einem Menschen sprechen' }).click();
    await chat.getByText('Wir holen einen Menschen dazu').waitFor();
    await chat.getByRole('textbox').fill('x'.repeat(4_010));
    await check('hand-over, text too long');
    await page.context().close();
  }, 60_000);
});
