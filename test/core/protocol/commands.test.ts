/**
 * Bad input is turned away at the door, each kind with its own code and without an echo of what
 * was said; and whatever arrives, the parser neither throws nor changes what it accepts.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMENT_LENGTH_MAX, PAGE_LENGTH_MAX, TEXT_LENGTH_MAX } from '#core/protocol/commands.ts';
import { REFUSALS } from '#core/protocol/errors.ts';
import { type ParsedFrame, parseAgentFrame, parseContactFrame } from '#core/protocol/frames.ts';

const C = '01890000-0000-7000-8000-000000000001';
const ID = '01890000-0000-7000-8000-000000000002';
const frame = (command: unknown): string => JSON.stringify({ t: 'command', id: ID, command });
const send = (text: unknown): unknown => ({ type: 'message.send', conversation: C, text });
const score = (value: unknown): unknown => ({
  type: 'survey.answer',
  conversation: C,
  score: value,
});
const human = (rest: object): unknown => ({ type: 'human.request', conversation: C, ...rest });
const watch = (after: unknown): string => JSON.stringify({ t: 'watch', conversation: C, after });
const open = { type: 'conversation.open', conversation: C, language: 'de' };
const hello = (rest: object): string =>
  JSON.stringify({ t: 'hello', protocol: 1, as: 'contact', ...rest });

/** Text as sent → the refusal. */
const BAD_FRAMES: [name: string, text: string, code: string, detail?: string][] = [
  ['nothing', '', 'frame_malformed'],
  ['no JSON', '{"t":"ping"', 'frame_malformed'],
  ['two values', '{"t":"ping"}{"t":"ping"}', 'frame_malformed'],
  ['null', 'null', 'frame_malformed'],
  ['a number', '5', 'frame_malformed'],
  ['a string', '"ping"', 'frame_malformed'],
  ['an array', '[{"t":"ping"}]', 'frame_malformed'],
  ['an object without t', '{}', 'frame_unknown', 't'],
  ['t of another kind', '{"t":1}', 'frame_unknown', 't'],
  ['an unknown t', '{"t":"pong"}', 'frame_unknown', 't'],
  ['an inherited name as t', '{"t":"constructor"}', 'frame_unknown', 't'],
  ['an extra key', '{"t":"ping","x":1}', 'frame_malformed', 'x'],
  ['the key __proto__', '{"t":"ping","__proto__":{"x":1}}', 'frame_malformed', '__proto__'],
  ['the key constructor', '{"t":"ping","constructor":1}', 'frame_malformed', 'constructor'],
  ['hello as nobody', '{"t":"hello","protocol":1}', 'frame_malformed', 'as'],
  ['hello as a bot', hello({ as: 'bot' }), 'frame_malformed', 'as'],
  ['hello without a protocol', '{"t":"hello","as":"contact"}', 'frame_malformed', 'protocol'],
  ['a protocol as text', hello({ protocol: '1' }), 'frame_malformed', 'protocol'],
  ['an unknown language', hello({ language: 'fr' }), 'frame_malformed', 'language'],
  ['a long token', hello({ token: 'x'.repeat(101) }), 'frame_malformed', 'token'],
  ['a resume that is null', hello({ resume: null }), 'frame_malformed', 'resume'],
  ['a resume of no uuid', hello({ resume: { a: 1 } }), 'frame_malformed', 'resume.a'],
  ['a negative seq', hello({ resume: { [C]: -1 } }), 'frame_malformed', `resume.${C}`],
  ['half a seq', hello({ resume: { [C]: 1.5 } }), 'frame_malformed', `resume.${C}`],
  ['a signal of no known type', '{"t":"signal","signal":{"type":"x"}}', 'frame_malformed'],
  ['a command without its id', '{"t":"command","command":{}}', 'frame_malformed', 'id'],
  ['a command frame without a command', `{"t":"command","id":"${ID}"}`, 'frame_malformed'],
  ['an id in upper case', frame({}).replace(ID, 'A'.repeat(8) + ID.slice(8)), 'frame_malformed'],
  ['an id that is too short', frame({}).replace(ID, ID.slice(1)), 'frame_malformed', 'id'],
  ['an id that is too long', frame({}).replace(ID, `${ID}0`), 'frame_malformed', 'id'],
  ['an id with a line end', frame({}).replace(ID, `${ID}\\n`), 'frame_malformed', 'id'],
];

/** Command → the refusal; always under the id of the command. */
const BAD_COMMANDS: [name: string, command: unknown, code: string, detail?: string][] = [
  ['null', null, 'command_invalid'],
  ['an array', [], 'command_unknown', 'type'],
  ['without type', { conversation: C }, 'command_unknown', 'type'],
  ['of an unknown type', { type: 'message.delete', conversation: C }, 'command_unknown', 'type'],
  ['with an inherited name as type', { type: 'toString' }, 'command_unknown', 'type'],
  ['with an extra key', human({ note: 'x' }), 'command_invalid', 'note'],
  ['with the key constructor', human({ constructor: 1 }), 'command_invalid', 'constructor'],
  [
    'with the key __proto__',
    JSON.parse(`{"type":"human.request","conversation":"${C}",
    "__proto__":{"admin":true}}`),
    'command_invalid',
    '__proto__',
  ],
  ['without conversation', { type: 'human.request' }, 'command_invalid', 'conversation'],
  [
    'for a conversation in upper case',
    human({ conversation: `${C.slice(0, -1)}A` }),
    'command_invalid',
    'conversation',
  ],
  [
    'for a short conversation',
    human({ conversation: C.slice(1) }),
    'command_invalid',
    'conversation',
  ],
  ['with an unknown language', { ...open, language: 'DE' }, 'command_invalid', 'language'],
  [
    'with a long page',
    { ...open, page: 'x'.repeat(PAGE_LENGTH_MAX + 1) },
    'command_invalid',
    'page',
  ],
  ['without text', { type: 'message.send', conversation: C }, 'command_invalid', 'text'],
  ['with a number as text', send(5), 'command_invalid', 'text'],
  ['with null as text', send(null), 'command_invalid', 'text'],
  ['with empty text', send(''), 'text_empty'],
  ['with blank text', send(' \n\t\u00a0\u3000'), 'text_empty'],
  ['with 4 001 characters', send('ä'.repeat(TEXT_LENGTH_MAX + 1)), 'text_too_long'],
  ['with NUL', send('a\u0000b'), 'text_control_characters'],
  ['with escape', send('\u001b[31mred'), 'text_control_characters'],
  ['with a carriage return', send('a\r\nb'), 'text_control_characters'],
  ['with a lone surrogate', send('a\ud83d'), 'text_control_characters'],
  ['with a reversing mark', send('a\u202etxt.exe'), 'text_control_characters'],
  ['with an isolate', send('a\u2066b'), 'text_control_characters'],
  ['with zero width', send('pass\u200bword'), 'text_control_characters'],
  ['with score 0', score(0), 'command_invalid', 'score'],
  ['with score 6', score(6), 'command_invalid', 'score'],
  ['with score 2.5', score(2.5), 'command_invalid', 'score'],
  ['with score "5"', score('5'), 'command_invalid', 'score'],
  ['with score null', score(null), 'command_invalid', 'score'],
  ['with a blank comment', { ...(score(5) as object), comment: ' ' }, 'text_empty'],
  [
    'with a long comment',
    { ...(score(5) as object), comment: 'x'.repeat(COMMENT_LENGTH_MAX + 1) },
    'text_too_long',
  ],
];

describe('refusals', () => {
  it.each(BAD_FRAMES)('a frame: %s', (_name, text, code, detail) => {
    const expected = { ok: false, code, ...(detail === undefined ? {} : { detail }) };
    expect(parseContactFrame(text)).toMatchObject(expected);
    expect(parseAgentFrame(text)).toMatchObject(expected);
  });

  it.each(BAD_COMMANDS)('a command %s', (_name, command, code, detail) => {
    expect(parseContactFrame(frame(command))).toEqual({
      ok: false,
      id: ID,
      code,
      ...(detail === undefined ? {} : { detail }),
    });
  });

  it.each([
    ['watch after -1', watch(-1), 'frame_malformed'],
    ['watch after half', watch(0.5), 'frame_malformed'],
    ['watch after "0"', watch('0'), 'frame_malformed'],
    ['an availability of no list', '{"t":"availability","availability":"busy"}', 'frame_malformed'],
    [
      'a release to nowhere',
      frame({ type: 'conversation.release', conversation: C, to: 'me' }),
      'command_invalid',
    ],
    ['a blank note', frame({ type: 'note.add', conversation: C, text: ' ' }), 'text_empty'],
  ])('of an agent: %s', (_name, text, code) => {
    expect(parseAgentFrame(text)).toMatchObject({ ok: false, code });
  });

  it('the longest text that is allowed passes, with everything that people really type', () => {
    const family = '👩\u200d👩\u200d👧';
    const persian = 'می\u200cخواهم';
    for (const text of ['x'.repeat(TEXT_LENGTH_MAX), 'a\nb\tc', family, persian, 'Ünïcödé'])
      expect(parseContactFrame(frame(send(text)))).toMatchObject({ ok: true });
  });

  it('never repeat what a person said', () => {
    const canary = 'Kreditkarte4711';
    const saying = [send(`${canary}\u0000`), score(canary), human({ conversation: canary })];
    for (const text of [...saying.map(frame), `{"t":"${canary}"}`, hello({ as: canary })])
      expect(JSON.stringify(parseContactFrame(text))).not.toContain(canary);
  });

  it('leaves no trace of prototype-like keys in what is resumed', () => {
    const text = hello({}).replace('}', ',"resume":{"__proto__":5,"constructor":5}}');
    expect(parseContactFrame(text)).toMatchObject({ ok: true, frame: { resume: {} } });
    expect(Object.hasOwn({}, 'admin')).toBe(false);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

const PARSERS = [parseContactFrame, parseAgentFrame] as const;

/** The law of the door: an answer, always; and what is let in is what was sent, plus defaults. */
function checkDoor(text: string): void {
  for (const parse of PARSERS) {
    const parsed: ParsedFrame<unknown> = parse(text);
    if (!parsed.ok) {
      expect(Object.keys(REFUSALS)).toContain(parsed.code);
      expect(parsed.detail?.length ?? 0).toBeLessThanOrEqual(80);
      continue;
    }
    const sent = JSON.parse(text) as Record<string, unknown>;
    const isHello = sent['t'] === 'hello';
    expect(parsed.frame).toEqual(isHello ? withDefaults(sent) : sent);
    const text2 = JSON.stringify(parsed.frame);
    expect(parse(text2)).toEqual({ ok: true, frame: JSON.parse(text2) });
  }
}

/** Of `resume` valibot drops prototype-like names and lets an empty array count as no entry. */
function withDefaults(sent: Record<string, unknown>): Record<string, unknown> {
  const dropped = new Set(['__proto__', 'prototype', 'constructor']);
  const resume = Object.entries(sent['resume'] ?? {}).filter(([name]) => !dropped.has(name));
  return { language: 'de', ...sent, resume: Object.fromEntries(resume) };
}

describe('fuzz', () => {
  const golden = ['contact', 'agent'].flatMap((kind) => {
    const url = new URL(`../../fixtures/frames/${kind}-v1.json`, import.meta.url);
    return (JSON.parse(readFileSync(url, 'utf8')) as { sent: object }[]).map(({ sent }) => sent);
  });
  /** Names and values that a frame might have, so that mutations come close to valid ones. */
  const keys = [...new Set(golden.flatMap((sent) => keysOf(sent)))];
  const name = fc.oneof(fc.constantFrom(...keys), fc.string());
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>(C, 1, 0, -1, 1.5, '', ' ', [], {}, null, true, 'x'.repeat(5_000)),
  );

  it('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkDoor));
  });

  it('any JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 4 }), checkDoor));
  });

  it('golden frames with one thing changed, taken away or added, at any depth', () => {
    const mutation = fc.record({
      sent: fc.constantFrom(...golden),
      at: fc.nat(20),
      how: fc.constantFrom('change', 'remove', 'add' as const),
      name,
      value,
    });
    let accepted = 0;
    const property = fc.property(mutation, ({ sent, at, how, name, value }) => {
      const mutant = structuredClone(sent);
      const places = objectsIn(mutant);
      const place = places[at % places.length] ?? {};
      const present = Object.keys(place)[at % Math.max(1, Object.keys(place).length)] ?? name;
      if (how === 'remove') delete place[present];
      else if (name !== '__proto__') place[how === 'add' ? name : present] = value;
      const text = JSON.stringify(mutant);
      checkDoor(text);
      if (parseAgentFrame(text).ok || parseContactFrame(text).ok) accepted++;
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(accepted).toBeGreaterThan(20);
  });

  it('golden frames with one character of the wire broken', () => {
    const broken = fc
      .tuple(fc.constantFrom(...golden), fc.nat(), fc.string({ maxLength: 2 }))
      .map(([sent, at, with_]) => {
        const text = JSON.stringify(sent);
        return text.slice(0, at % text.length) + with_ + text.slice((at % text.length) + 1);
      });
    fc.assert(fc.property(broken, checkDoor), { numRuns: 1_000 });
  });
});

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)];
}

const keysOf = (value: object): string[] => objectsIn(value).flatMap((o) => Object.keys(o));
