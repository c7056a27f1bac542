/** Starting and stopping as operators do it: with real processes and real signals. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { connect, newId } from '#test/support/client.ts';
import { signUpAgent, startServer } from '#test/support/server.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tresen-start-'));
  folders.push(made);
  return made;
}

it('a second start finds everything as it was, and asks nobody to sign up again', async () => {
  const dataDir = folder();
  const first = await startServer({ dataDir });
  const { cookie } = await signUpAgent(first);
  const contact = await connect(first.url, { as: 'contact' });
  const conversation = newId();
  await contact.command({ type: 'conversation.open', conversation, language: 'de' });
  const token = contact.welcome().contact?.token ?? '';
  await first.stop();
  expect(await first.exited).toBe(0);

  const second = await startServer({ dataDir });
  expect(second.signUpToken()).toBeUndefined();
  const again = await connect(second.url, { as: 'contact', token });
  expect(again.welcome().conversations).toEqual([conversation]);
  expect((await connect(second.url, { as: 'agent' }, { cookie })).welcome().agent).toBeDefined();
  await second.stop();
});

it('stops in order while the bot is still learning', async () => {
  const dataDir = folder();
  const env = { TRESEN_MODEL_DIR: folder() };
  const server = await startServer({ dataDir, untilBot: false, env });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await server.stop();
  expect(await server.exited).toBe(0);
  expect(server.child.signalCode).toBeNull();
}, 30_000);

it('F24: a second process on the same folder refuses, and the first is undisturbed', async () => {
  const server = await startServer({ untilBot: false });
  const second = spawnSync(process.execPath, ['core/main.ts'], {
    env: { PATH: process.env['PATH'], TRESEN_DATA_DIR: server.dataDir, TRESEN_PORT: '0' },
    encoding: 'utf8',
  });
  expect(second.status).toBe(2);
  expect(second.stderr).toContain('Another Tresen already works on');
  expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
  await server.stop();
});

it.each([
  [{ TRESEN_PORTT: '1' }, 'TRESEN_PORTT: there is no such setting'],
  [{ TRESEN_PORT: 'eighty' }, 'TRESEN_PORT: must be a port number'],
  [{ TRESEN_PUBLIC_URL: 'chat.example.com' }, 'TRESEN_PUBLIC_URL: must begin with https://'],
  [{ TRESEN_WIDGET_ORIGINS: 'shop.example/' }, 'is no origin'],
])('says what is wrong with %o', (env, sentence) => {
  const wrong = spawnSync(process.execPath, ['core/main.ts'], {
    env: { PATH: process.env['PATH'], TRESEN_DATA_DIR: folder(), ...env },
    encoding: 'utf8',
  });
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain(sentence);
  expect(wrong.stderr).not.toContain(' at ');
});
