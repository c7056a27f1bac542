/**
 * The frames of the WebSocket: one JSON object per text message. Client frames are checked against
 * strict schemas; an unknown key is a mistake, not an extension. Server frames are types only.
 */
import * as v from 'valibot';
import type { ConversationState } from './apply.ts';
import type { AgentCommand, ContactCommand } from './commands.ts';
import { agentCommand, availability, contactCommand, ID_LENGTH_MAX, uuid } from './commands.ts';
import type { Availability } from './entities.ts';
import { LANGUAGES } from './entities.ts';
import type { RefusalCode } from './errors.ts';
import type { StoredEvent } from './events.ts';
import type { ClientSignal, ServerSignal } from './signals.ts';
import { clientSignal } from './signals.ts';

/** I9: raised only for changes that an old widget cannot live with. */
export const PROTOCOL_VERSION = 1;

/** Conversations that one connection may resume at once. */
export const RESUME_MAX = 200;

const seq = v.pipe(v.number(), v.integer(), v.minValue(0));

const hello = v.strictObject({
  t: v.literal('hello'),
  protocol: v.number(),
  as: v.picklist(['contact', 'agent']),
  language: v.optional(v.picklist(LANGUAGES), 'de'),
  /** The contact's secret from an earlier `welcome`; agents sign in by cookie instead. */
  token: v.optional(v.pipe(v.string(), v.maxLength(ID_LENGTH_MAX))),
  /** Last seq known per conversation: the server replays what came after. */
  resume: v.optional(
    v.pipe(
      v.record(uuid, seq),
      v.check((r) => Object.keys(r).length <= RESUME_MAX),
    ),
    {},
  ),
  /** The epoch of the earlier `welcome`; another one means: drop the cache. */
  epoch: v.optional(v.pipe(v.string(), v.maxLength(ID_LENGTH_MAX))),
});

const ping = v.strictObject({ t: v.literal('ping') });
const signal = v.strictObject({ t: v.literal('signal'), signal: clientSignal });

/** The shells are checked first, so that a bad command can be refused under its own id. */
const commandShell = v.strictObject({ t: v.literal('command'), id: uuid, command: v.unknown() });

const contactFrame = v.variant('t', [hello, ping, signal, commandShell]);
const agentFrame = v.variant('t', [
  hello,
  ping,
  signal,
  commandShell,
  /** The agent opened a conversation: send all events after `after`, then what follows live. */
  v.strictObject({ t: v.literal('watch'), conversation: uuid, after: seq }),
  v.strictObject({ t: v.literal('unwatch'), conversation: uuid }),
  v.strictObject({ t: v.literal('availability'), availability }),
]);

export type HelloFrame = v.InferOutput<typeof hello>;
type CommandOf<C> = { t: 'command'; id: string; command: C };
type Shell<F> = Exclude<F, { t: 'command' }>;
export type ContactFrame = Shell<v.InferOutput<typeof contactFrame>> | CommandOf<ContactCommand>;
export type AgentFrame = Shell<v.InferOutput<typeof agentFrame>> | CommandOf<AgentCommand>;

/** What a client may write: `language`, `resume`, `epoch` and `token` of `hello` may be absent. */
export type ClientFrame =
  | v.InferInput<typeof hello>
  | v.InferInput<typeof ping>
  | { t: 'signal'; signal: ClientSignal }
  | CommandOf<ContactCommand | AgentCommand>
  | { t: 'watch'; conversation: string; after: number }
  | { t: 'unwatch'; conversation: string }
  | { t: 'availability'; availability: Availability };

export type ServerFrame =
  | {
      t: 'welcome';
      protocol: number;
      epoch: string;
      /** The server's clock, milliseconds since 1970, so that waiting times can be shown. */
      now: number;
      heartbeatMs: number;
      agentsOnline: number;
      contact?: { id: string; token: string };
      agent?: { id: string; name: string; availability: Availability };
      /** The conversations that this connection may see: a contact's own, none for agents. */
      conversations: string[];
    }
  | { t: 'ack'; id: string; conversation: string; seq: number; at: number }
  | { t: 'refusal'; id?: string; code: RefusalCode; detail?: string; retryAfterMs?: number }
  /** Ascending, without gaps; may repeat what the client has, never leaves anything out. */
  | { t: 'events'; conversation: string; events: StoredEvent[] }
  /** The client is ahead of this server (a restored backup): forget, and start from seq 0. */
  | { t: 'reset'; conversation: string }
  /** Agents only: all rows at sign-in, single rows as they change. */
  | { t: 'list'; rows: ConversationState[] }
  | { t: 'row'; row: ConversationState }
  | { t: 'signal'; signal: ServerSignal }
  | { t: 'pong' };

export type ParsedFrame<F> =
  | { ok: true; frame: F }
  | { ok: false; code: RefusalCode; id?: string; detail?: string };

/** @param text one WebSocket text message; @returns the frame, or the refusal to send back */
export const parseContactFrame = (text: string): ParsedFrame<ContactFrame> =>
  parse<ContactFrame>(text, contactFrame, contactCommand);

export const parseAgentFrame = (text: string): ParsedFrame<AgentFrame> =>
  parse<AgentFrame>(text, agentFrame, agentCommand);

function parse<F>(
  text: string,
  frameSchema: v.GenericSchema,
  commandSchema: v.GenericSchema,
): ParsedFrame<F> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: 'frame_malformed' };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { ok: false, code: 'frame_malformed' };
  }
  const shell = v.safeParse(frameSchema, json, { abortEarly: true });
  if (!shell.success) {
    const issue = shell.issues[0];
    const known = issue?.path?.[0]?.key !== 't';
    return { ok: false, code: known ? 'frame_malformed' : 'frame_unknown', detail: where(issue) };
  }
  const frame = shell.output as { t: string; id?: string; command?: unknown };
  if (frame.t !== 'command') return { ok: true, frame: frame as F };
  const command = v.safeParse(commandSchema, frame.command, { abortEarly: true });
  if (command.success) return { ok: true, frame: { ...frame, command: command.output } as F };
  return { ok: false, id: frame.id, ...commandRefusal(command.issues[0]) };
}

const TEXT_CODES = ['text_empty', 'text_too_long', 'text_control_characters'] as const;

function commandRefusal(issue: v.BaseIssue<unknown>): { code: RefusalCode; detail?: string } {
  const textCode = TEXT_CODES.find((code) => code === issue.message);
  if (textCode) return { code: textCode };
  const unknown = issue.path?.[0]?.key === 'type';
  return { code: unknown ? 'command_unknown' : 'command_invalid', detail: where(issue) };
}

/** Names the place of the mistake, never the value: values are people's words. */
function where(issue: v.BaseIssue<unknown> | undefined): string | undefined {
  const path = issue?.path?.map((item) => String(item.key)).join('.');
  return path ? path.slice(0, 80) : undefined;
}
