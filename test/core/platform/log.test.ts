/** The log holds words of our own and numbers: no message of an error, nothing long. */
import { describe, expect, it } from 'vitest';
import { createLog, errorFields } from '#core/platform/log.ts';

const CANARY = 'Wo ist mein Paket 4711?';

function lines(level: string, write: (log: ReturnType<typeof createLog>) => void) {
  const written: string[] = [];
  write(createLog({ level, destination: { write: (line) => written.push(line) } }));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLog', () => {
  it('writes one line of JSON: level, time, fields, event', () => {
    const [line] = lines('info', (log) => log.info('started', { port: 8080, isLimited: true }));
    expect(line).toMatchObject({ level: 30, port: 8080, isLimited: true, msg: 'started' });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(Object.keys(line ?? {}).sort()).toEqual(['isLimited', 'level', 'msg', 'port', 'time']);
  });

  it('cuts what is no word', () => {
    const [line] = lines('info', (log) => log.info('x', { word: 'a'.repeat(5_000) }));
    expect(String(line?.['word'])).toHaveLength(120);
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ])('at %s writes %i of four', (level, count) => {
    const written = lines(level, (log) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    });
    expect(written).toHaveLength(count);
  });

  it('has no place for an error or an object', () => {
    const log = createLog({ level: 'silent' });
    // @ts-expect-error an error may hold what a person wrote
    log.error('x', { error: new Error(CANARY) });
    // @ts-expect-error so may an object
    log.info('x', { state: { text: CANARY } });
    expect(Object.isFrozen(log)).toBe(true);
  });
});

describe('errorFields', () => {
  const thrown = (error: unknown): unknown => {
    try {
      throw error;
    } catch (caught) {
      return caught;
    }
  };

  it('tells class and place of an error, never its message', () => {
    const fields = errorFields(thrown(new RangeError(CANARY)));
    expect(fields['error']).toBe('RangeError');
    expect(fields['place']).toMatch(/log\.test\.ts:\d+$/);
    expect(JSON.stringify(fields)).not.toContain('4711');
    expect(Object.keys(fields)).toEqual(['error', 'place']);
  });

  it('prefers the code, which is from a closed list', () => {
    const error = Object.assign(new Error(CANARY), { code: 'ENOSPC' });
    expect(errorFields(error)['error']).toBe('ENOSPC');
  });

  it.each([`${CANARY}`, { message: CANARY }, 4711, null, undefined, [CANARY]])(
    'tells of %j only what kind of thing it is',
    (value) => {
      expect(errorFields(value)).toEqual({ error: typeof value });
    },
  );

  it('tells nothing of the cause', () => {
    const error = new Error('outer', { cause: new Error(CANARY) });
    expect(JSON.stringify(errorFields(error))).not.toContain('4711');
  });

  it.each([
    'Bitte um 12:30:15 anrufen: +49 4711:22:1',
    `${CANARY}\n    at secret (/home/4711/x.ts:1:2)`,
  ])('takes no place from a message that looks like one: %j', (message) => {
    const { place } = errorFields(thrown(new Error(message)));
    expect(place).toMatch(/log\.test\.ts:\d+$/);
  });

  it('survives an error without a stack', () => {
    const error = new Error(CANARY);
    delete error.stack;
    expect(errorFields(error)).toEqual({ error: 'Error', place: 'unknown' });
  });
});
