/**
 * The catalogue is a promise to old widgets (I9): a code is never removed, renamed or given another
 * meaning. Adding one changes the count here, and then every client needs words for it.
 */
import { describe, expect, it } from 'vitest';
import { CLOSE, isRefusal, mayReconnect, REFUSALS, refuse } from '#core/protocol/errors.ts';

describe('refusals', () => {
  it('are these, each with its status and whether trying again makes sense', () => {
    const rows = Object.entries(REFUSALS).map(([code, { http, retry }]) =>
      [code, http, ...(retry ? ['retry'] : [])].join(' '),
    );
    expect(rows).toHaveLength(24);
    expect(rows).toEqual([
      'frame_malformed 400',
      'frame_unknown 400',
      'command_unknown 400',
      'command_invalid 400',
      'text_empty 400',
      'text_too_long 413',
      'text_control_characters 400',
      'hello_first 400',
      'protocol_unsupported 400',
      'sign_in_required 401',
      'sign_in_wrong 401 retry',
      'invitation_invalid 403',
      'email_taken 409',
      'forbidden 403',
      'not_found 404',
      'cid_conflict 409',
      'conversation_exists 409',
      'conversation_not_open 409',
      'conversation_not_yours 409',
      'conversation_already_taken 409',
      'survey_not_open 409',
      'rate_limited 429 retry',
      'busy 503 retry',
      'store_unavailable 503 retry',
    ]);
  });

  it("may be tried again when they are the server's trouble, not when they are a mistake", () => {
    for (const [code, { http, retry }] of Object.entries(REFUSALS)) {
      if (http >= 500 || http === 429) expect([code, retry]).toEqual([code, true]);
      if (http < 429 && http !== 401) expect([code, retry]).toEqual([code, false]);
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it('are values: a detail only when there is one', () => {
    expect(refuse('busy')).toStrictEqual({ refused: 'busy' });
    expect(refuse('not_found', 'article')).toStrictEqual({
      refused: 'not_found',
      detail: 'article',
    });
    // @ts-expect-error a code outside the catalogue does not compile
    expect(isRefusal(refuse('nope'))).toBe(true);
  });

  it.each([null, undefined, 0, '', 'refused', [], {}, { seq: 1 }])('%j is none', (value) => {
    expect(isRefusal(value)).toBe(false);
  });
});

describe('close codes', () => {
  it('are these', () => {
    expect(CLOSE).toEqual({
      heartbeat_lost: 4001,
      hello_missing: 4002,
      busy: 4003,
      slow_reader_resume: 4008,
      internal_error: 4011,
      frame_malformed: 4500,
      signed_out: 4502,
      protocol_unsupported: 4503,
      frame_too_large: 4509,
    });
  });

  it('have one meaning each and lie in the range for applications', () => {
    const codes = Object.values(CLOSE);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code >= 4000 && code <= 4999).toBe(true);
  });

  it('tell a client whether to come back; a slow reader does and resumes (G6)', () => {
    const back = Object.entries(CLOSE).filter(([, code]) => mayReconnect(code));
    expect(back.map(([name]) => name)).toEqual([
      'heartbeat_lost',
      'hello_missing',
      'busy',
      'slow_reader_resume',
      'internal_error',
    ]);
  });

  it.each([
    [1000, true],
    [1001, true],
    [1006, true],
    [1011, true],
    [1012, true],
    [4000, true],
    [4499, true],
    [4500, false],
    [4750, false],
    [4999, false],
    [5000, true],
  ])('%i: come back? %s', (code, may) => {
    expect(mayReconnect(code)).toBe(may);
  });
});
