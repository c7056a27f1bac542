/**
 * The log, by allow-list: an event name and fields of harmless kinds. Nobody can hand it a message
 * text, an error object or a request by accident, because the type has no place for them.
 */
import { pino } from 'pino';

/** Numbers, booleans and short words of our own; never what a person wrote or is called. */
export type Fields = Readonly<Record<string, number | boolean | Word>>;
/** A word that stands in our source or comes from a closed list, e.g. an error code. */
export type Word = string;

export type Log = {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
};

const WORD_LENGTH_MAX = 120;

export function createLog(options: {
  level: string;
  destination?: { write(line: string): void };
}): Log {
  const settings = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = options.destination ? pino(settings, options.destination) : pino(settings);
  const write =
    (level: keyof Log) =>
    (event: string, fields: Fields = {}): void => {
      logger[level](short(fields), event);
    };
  return Object.freeze({
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  });
}

function short(fields: Fields): Record<string, number | boolean | string> {
  const entries = Object.entries(fields).map(
    ([key, value]) =>
      [key, typeof value === 'string' ? value.slice(0, WORD_LENGTH_MAX) : value] as const,
  );
  return Object.fromEntries(entries);
}

/**
 * What of an error may be logged: its code or class, and where in our source it was thrown.
 * Messages are left out: libraries put values into them.
 */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? String(error.code) : error.name;
  const frame = /\(?([^\s()]+:\d+):\d+\)?$/m.exec((error.stack ?? '').replace(error.message, ''));
  const place = frame?.[1]?.split('/').slice(-2).join('/') ?? 'unknown';
  return { error: code, place };
}
