/** The settings: defaults, environment over file, and one line per mistake with the name in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, exampleConfig, readConfig, SETTINGS } from '#core/platform/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tresen-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = (text: string): string => {
  const path = join(folder, `${files++}.env`);
  writeFileSync(path, text);
  return path;
};
const NO_FILE = file('');
const read = (env: Record<string, string | undefined>) =>
  readConfig({ TRESEN_CONFIG_FILE: NO_FILE, ...env });

function mistakes(env: Record<string, string | undefined>): string[] {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('defaults', () => {
  it('are enough to start, and listen to this machine only', () => {
    const config = read({});
    expect(config).toMatchObject({
      TRESEN_HOST: '127.0.0.1',
      TRESEN_PORT: 8080,
      TRESEN_DATA_DIR: resolve('data'),
      TRESEN_WIDGET_ORIGINS: [],
      TRESEN_RATE_LIMITS: 'on',
      TRESEN_SOCKET: 'auto',
      TRESEN_METRICS_HOST: '127.0.0.1',
      TRESEN_METRICS_PORT: undefined,
      TRESEN_MODEL_DIR: undefined,
    });
    expect(Object.keys(config).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('every setting says what it is for, on one line, and its default is usable', () => {
    for (const [key, { about, default: fallback, read: readOne }] of Object.entries(SETTINGS)) {
      expect(key).toMatch(/^TRESEN_[A-Z_]+$/);
      expect(about).toMatch(/^\S[^\n]+\S$/);
      expect(() => readOne(fallback)).not.toThrow();
    }
  });

  it('the printed example is a file that changes nothing, and with its marks away neither', () => {
    const example = exampleConfig();
    expect(parseEnv(example)).toEqual({});
    const bare = example.replace(/^# (?=TRESEN_)/gm, '');
    expect(Object.keys(parseEnv(bare)).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(read({ TRESEN_CONFIG_FILE: file(bare) })).toEqual(read({}));
  });
});

describe('mistakes', () => {
  it.each([
    ['a port that is a word', { TRESEN_PORT: 'http' }, /^TRESEN_PORT: must be a port number/],
    ['a port beyond', { TRESEN_PORT: '65536' }, /^TRESEN_PORT: must be a port number/],
    ['a negative port', { TRESEN_PORT: '-1' }, /^TRESEN_PORT: must be a port number/],
    ['half a port', { TRESEN_SOCKET_PORT: '80.5' }, /^TRESEN_SOCKET_PORT: must be a port/],
    ['an unknown word', { TRESEN_SOCKET: 'WS' }, /^TRESEN_SOCKET: must be one of auto, ws, uws$/],
    ['yes for on', { TRESEN_RATE_LIMITS: 'yes' }, /^TRESEN_RATE_LIMITS: must be one of on, off$/],
    ['a level of no list', { TRESEN_LOG_LEVEL: 'trace' }, /^TRESEN_LOG_LEVEL: must be one of/],
    [
      'an origin with a path',
      { TRESEN_WIDGET_ORIGINS: 'https://shop.example/' },
      /^TRESEN_WIDGET_ORIGINS: "https:\/\/shop.example\/" is no origin/,
    ],
    [
      'an origin without a scheme',
      { TRESEN_WIDGET_ORIGINS: 'shop.example' },
      /^TRESEN_WIDGET_ORIGINS: "shop.example" is no origin/,
    ],
    ['every origin there is', { TRESEN_WIDGET_ORIGINS: '*' }, /is no origin/],
    ['a typing error', { TRESEN_PROT: '80' }, /^TRESEN_PROT: there is no such setting$/],
    ['an inherited name', { TRESEN_toString: '1' }, /there is no such setting$/],
  ])('%s', (_name, env, line) => {
    const lines = mistakes(env);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  it('are all told at once', () => {
    const lines = mistakes({ TRESEN_PORT: 'x', TRESEN_SOCKET: 'y', TRESEN_NOPE: 'z' });
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'TRESEN_NOPE',
      'TRESEN_PORT',
      'TRESEN_SOCKET',
    ]);
  });

  it('are not what other programs have in the environment', () => {
    expect(mistakes({ PATH: '/bin', TRESENX: '1', NODE_ENV: 'x', TRESEN_PORT: undefined })).toEqual(
      [],
    );
  });
});

describe('the file', () => {
  it('gives what the environment does not', () => {
    const path = file('# who we are\nTRESEN_COMPANY="Beispiel GmbH"\nTRESEN_PORT=9000\n');
    const config = readConfig({ TRESEN_CONFIG_FILE: path, TRESEN_PORT: '9001' });
    expect(config).toMatchObject({ TRESEN_COMPANY: 'Beispiel GmbH', TRESEN_PORT: 9001 });
  });

  it('is checked like the environment', () => {
    const path = file('TRESEN_PROT=9000\nTRESEN_PORT=x\n');
    expect(mistakes({ TRESEN_CONFIG_FILE: path })).toHaveLength(2);
  });

  it('that was named must exist', () => {
    const path = join(folder, 'missing.env');
    expect(mistakes({ TRESEN_CONFIG_FILE: path })).toEqual([
      `TRESEN_CONFIG_FILE: the file ${path} does not exist`,
    ]);
  });
});

it('reads origins in any list that people write', () => {
  const list = ' https://a.example, https://b.example:8443\nhttp://localhost:5173 ';
  expect(read({ TRESEN_WIDGET_ORIGINS: list }).TRESEN_WIDGET_ORIGINS).toEqual([
    'https://a.example',
    'https://b.example:8443',
    'http://localhost:5173',
  ]);
});
