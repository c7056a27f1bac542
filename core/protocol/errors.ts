/**
 * The catalogue of refusals and of close codes. A code is never reused for another meaning.
 * `retry`: may the client send the same command again later? `http`: the status over HTTP.
 */
export const REFUSALS = {
  frame_malformed: { retry: false, http: 400 },
  frame_unknown: { retry: false, http: 400 },
  command_unknown: { retry: false, http: 400 },
  command_invalid: { retry: false, http: 400 },
  text_empty: { retry: false, http: 400 },
  text_too_long: { retry: false, http: 413 },
  text_control_characters: { retry: false, http: 400 },
  hello_first: { retry: false, http: 400 },
  protocol_unsupported: { retry: false, http: 400 },
  sign_in_required: { retry: false, http: 401 },
  sign_in_wrong: { retry: true, http: 401 },
  invitation_invalid: { retry: false, http: 403 },
  email_taken: { retry: false, http: 409 },
  forbidden: { retry: false, http: 403 },
  not_found: { retry: false, http: 404 },
  cid_conflict: { retry: false, http: 409 },
  conversation_exists: { retry: false, http: 409 },
  conversation_not_open: { retry: false, http: 409 },
  conversation_not_yours: { retry: false, http: 409 },
  conversation_already_taken: { retry: false, http: 409 },
  survey_not_open: { retry: false, http: 409 },
  rate_limited: { retry: true, http: 429 },
  busy: { retry: true, http: 503 },
  store_unavailable: { retry: true, http: 503 },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** An expected no. It is returned as a value; only trouble is thrown. */
export type Refusal = { refused: RefusalCode; detail?: string };

export const refuse = (refused: RefusalCode, detail?: string): Refusal =>
  detail === undefined ? { refused } : { refused, detail };

export const isRefusal = (x: unknown): x is Refusal =>
  typeof x === 'object' && x !== null && 'refused' in x;

/**
 * WebSocket close codes. 4000-4499: connect again (and resume); 4500-4999: do not.
 * 1001 (server going away), 1006 and everything unknown count as "connect again".
 */
export const CLOSE = {
  heartbeat_lost: 4001,
  /** The line may just be slow. (4501 was the code for it that nobody came back from.) */
  hello_missing: 4002,
  /** More arrives than can be kept. */
  busy: 4003,
  slow_reader_resume: 4008,
  /** Something unexpected on our side. */
  internal_error: 4011,
  frame_too_large: 4509,
  frame_malformed: 4500,
  signed_out: 4502,
  protocol_unsupported: 4503,
} as const;

/** May a client that was closed with `code` connect again by itself? */
export const mayReconnect = (code: number): boolean => code < 4500 || code > 4999;
