/**
 * The settings: one table from which type, defaults, validation and documentation are derived.
 * Read once at start-up from `TRESEN_…` variables and, below them, from a file of the same lines.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

type Setting<T> = { default: string; about: string; read: (text: string) => T };

const port = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new Error('must be a port number from 0 to 65535');
};
const oneOf =
  <const T extends string>(...words: T[]) =>
  (text: string): T => {
    const found = words.find((word) => word === text);
    if (found) return found;
    throw new Error(`must be one of ${words.join(', ')}`);
  };
const text = (value: string): string => value.trim();
const origins = (value: string): string[] =>
  value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((origin) => {
      const url = URL.canParse(origin) ? new URL(origin) : undefined;
      if (url?.origin === origin) return origin;
      throw new Error(`"${origin}" is no origin; write it like https://shop.example`);
    });

const address =
  (...protocols: string[]) =>
  (value: string): string => {
    if (value === '') return value;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && protocols.includes(url.protocol)) return value.replace(/\/$/, '');
    throw new Error(`must begin with ${protocols.map((p) => `${p}//`).join(' or ')}`);
  };

const setting = <T>(entry: Setting<T>): Setting<T> => entry;

export const SETTINGS = {
  TRESEN_HOST: setting({
    default: '127.0.0.1',
    about: 'Address to listen on; 0.0.0.0 for every network interface',
    read: text,
  }),
  TRESEN_PORT: setting({ default: '8080', about: 'HTTP port; 0 picks a free one', read: port }),
  TRESEN_DATA_DIR: setting({
    default: 'data',
    about: 'Folder of the database',
    read: (value: string) => resolve(value),
  }),
  TRESEN_MODEL_DIR: setting({
    default: '',
    about: 'Folder of trained models and their indexes, when not in the data folder',
    read: (value: string) => (value === '' ? undefined : resolve(value)),
  }),
  TRESEN_COMPANY: setting({
    default: 'Muster-Shop',
    about: 'Name that contacts read',
    read: text,
  }),
  TRESEN_PUBLIC_URL: setting({
    default: '',
    about: 'Address people type, when a proxy stands in front, e.g. https://chat.example.com',
    read: address('https:', 'http:'),
  }),
  TRESEN_WIDGET_ORIGINS: setting({
    default: '',
    about: 'Origins of the pages that may embed the widget, separated by commas',
    read: origins,
  }),
  TRESEN_SERVICE_HOURS_DE: setting({
    default: 'Mo–Fr 8–20 Uhr, Sa 9–16 Uhr',
    about: 'When people answer, in German',
    read: text,
  }),
  TRESEN_SERVICE_HOURS_EN: setting({
    default: 'Mon–Fri 8 am–8 pm, Sat 9 am–4 pm',
    about: 'When people answer, in English',
    read: text,
  }),
  TRESEN_SOCKET: setting({
    default: 'auto',
    about: 'WebSocket library: uws, ws, or auto (uws where it loads)',
    read: oneOf('auto', 'ws', 'uws'),
  }),
  TRESEN_SOCKET_PORT: setting({
    default: '8081',
    about: 'Port of uWebSockets.js; ws shares the HTTP port',
    read: port,
  }),
  TRESEN_SOCKET_URL: setting({
    default: '',
    about: 'WebSocket address that browsers use, when a proxy joins the ports',
    read: address('wss:', 'ws:'),
  }),
  TRESEN_METRICS_PORT: setting({
    default: '',
    about: 'Own port for /metrics; without it /metrics answers local requests on the HTTP port',
    read: (value: string) => (value === '' ? undefined : port(value)),
  }),
  TRESEN_METRICS_HOST: setting({
    default: '127.0.0.1',
    about: 'Address of the own /metrics port',
    read: text,
  }),
  TRESEN_RATE_LIMITS: setting({
    default: 'on',
    about: 'off lifts the limits per person and address; for load tests only',
    read: oneOf('on', 'off'),
  }),
  TRESEN_LOG_LEVEL: setting({
    default: 'info',
    about: 'debug, info, warn or error',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  }),
};

type Key = keyof typeof SETTINGS;
export type Config = { readonly [K in Key]: ReturnType<(typeof SETTINGS)[K]['read']> };

/** Read before the table: names the file with the other settings. */
export const CONFIG_FILE_KEY = 'TRESEN_CONFIG_FILE';
const CONFIG_FILE_DEFAULT = 'tresen.env';

export class ConfigError extends Error {}

/**
 * @param env variables, usually process.env; unknown `TRESEN_…` names are refused as typing errors
 * @throws ConfigError with one line per mistake, each with the setting's name
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const file = fileSettings(env);
  const given = { ...file, ...withoutUndefined(env) };
  const mistakes: string[] = [];
  for (const key of Object.keys(given)) {
    if (key.startsWith('TRESEN_') && key !== CONFIG_FILE_KEY && !(key in SETTINGS)) {
      mistakes.push(`${key}: there is no such setting`);
    }
  }
  const config: Partial<Record<Key, unknown>> = {};
  for (const key of Object.keys(SETTINGS) as Key[]) {
    const { read, default: fallback } = SETTINGS[key];
    try {
      // An empty variable is one that somebody left open: the default counts.
      config[key] = read(given[key]?.trim() || fallback);
    } catch (error) {
      mistakes.push(`${key}: ${error instanceof Error ? error.message : 'is not usable'}`);
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return Object.freeze(config) as Config;
}

/** The settings as lines of a file, every one with what it is for and its default. */
export const exampleConfig = (): string =>
  (Object.keys(SETTINGS) as Key[])
    .map((key) => `# ${SETTINGS[key].about}\n# ${key}=${SETTINGS[key].default}\n`)
    .join('\n');

function fileSettings(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const named = env[CONFIG_FILE_KEY];
  const file = named ?? CONFIG_FILE_DEFAULT;
  if (!existsSync(file)) {
    if (named === undefined) return {};
    throw new ConfigError(`${CONFIG_FILE_KEY}: the file ${named} does not exist`);
  }
  return withoutUndefined(parseEnv(readFileSync(file, 'utf8')));
}

const withoutUndefined = (
  all: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
