/**
 * I6: every queue, buffer, retry and text has its limit here, with the relations between them
 * asserted. Texts that browsers must know live in `core/protocol`; they are checked here too.
 */
import { strict as assert } from 'node:assert';
import { TEXT_LENGTH_MAX } from '#core/protocol/commands.ts';
import { TYPING_EXPIRES_MS, TYPING_REPEATS_MS } from '#core/protocol/signals.ts';

/** Largest WebSocket message; a message text of 4 000 characters is at most 24 000 bytes of JSON. */
export const FRAME_MAX_BYTES = 64 * 1024;
/** More than this waiting in one socket: close it, the client resumes (G6). */
export const SOCKET_BUFFER_MAX_BYTES = 256 * 1024;
/** Frames of one message, empty ones included. Browsers send one, seldom a few. */
export const FRAGMENTS_MAX = 128;
/** Pieces in which one frame may arrive: what a byte-by-byte writer can make us keep. */
export const FRAME_CHUNKS_MAX = 4_096;
/** A peer that does not answer our close is cut off; well within the 10 s that Docker waits. */
export const SOCKET_CLOSE_WITHIN_MS = 3_000;
export const BODY_MAX_BYTES = 64 * 1024;

/** The client pings this often; the server closes what has been silent for `SILENCE_MAX_MS`. */
export const HEARTBEAT_MS = 20_000;
export const SILENCE_MAX_MS = 45_000;
/** A connection that has not said hello by then is closed; no sooner than clients give up. */
export const HELLO_WITHIN_MS = 10_000;

/** Events per frame at replay, so that a frame stays far below a socket's buffer. */
export const REPLAY_EVENTS_MAX = 100;
/** Conversations of one contact that are replayed to him. */
export const CONTACT_CONVERSATIONS_MAX = 20;
/** Rows in an agent's list. */
export const LIST_ROWS_MAX = 500;
/** Rows sent in one loop turn; about 1 kB each. */
export const ROWS_PER_TURN = 40;

/** Changed rows times agents that are sent at once. */
export const ROW_SENDS_PER_TURN = 400;

/** What one loop turn may spend on frames that have arrived. */
export const TURN_MS = 4;
/** Frames that wait to be taken up, of all connections, and their characters. */
export const INBOX_MAX = 20_000;
export const INBOX_MAX_BYTES = 32 * 1024 * 1024;
/** A command that waited longer is refused as busy, at once and with the advice to wait. */
export const INBOX_WAIT_MAX_MS = 150;
export const BUSY_RETRY_MS = 1_000;

/** Commands per connection: a bucket of this size, refilled at this rate. */
export const COMMAND_BURST = 30;
export const COMMANDS_PER_SECOND = 5;
/** Agents work fast; their consoles also send notes, takes and resolves in one go. */
export const AGENT_COMMAND_BURST = 120;
export const AGENT_COMMANDS_PER_SECOND = 30;
/** Frames of any kind per connection, pings and watching too; what is beyond is a mistake. */
export const FRAME_BURST = 200;
export const FRAMES_PER_SECOND = 100;
/** A company's network may stand behind one address. */
export const CONNECTIONS_PER_ADDRESS_MAX = 2_000;

/** Commands waiting in one conversation's lane; one person cannot type that fast. */
export const LANE_QUEUE_MAX = 64;
/** A command that stood on one that was not stored is decided again this often. */
export const LANE_ATTEMPTS_MAX = 3;
/** Conversation states kept in memory between commands. */
export const STATES_CACHED_MAX = 20_000;
/** Writes in one transaction: what the main thread can answer without holding up the loop. */
export const COMMIT_WRITES_MAX = 128;
/** With so many on their way to the disk new commands are refused cheaply, before all is late. */
export const COMMITS_BUSY = 1_200;
/** Commits waiting for the writer; beyond it new commands are refused as busy. */
export const COMMITS_WAITING_MAX = 10_000;

/** Understanding that takes longer is given up, and the conversation given to a person. */
export const BOT_TURN_MAX_MS = 5_000;
/** Utterances handed to the inference thread at the same time. */
export const BOT_TURNS_AT_ONCE = 64;
/** Turns waiting for a place; beyond it people take over. */
export const BOT_TURNS_WAITING_MAX = 2_000;
/** Utterances in the queue of the inference thread. */
export const INFERENCE_QUEUE_MAX = 200;
/** What the bot reads of one turn. */
export const UTTERANCE_LENGTH_MAX = 1_000;

export const SIGN_IN_MAX_AGE_MS = 12 * 3_600_000;
export const INVITATION_MAX_AGE_MS = 24 * 3_600_000;
export const SIGN_INS_PER_MINUTE = 10;
/** Password hashes computed at the same time; each takes 19 MiB and about 45 ms. */
export const PASSWORD_HASHES_AT_ONCE = 2;
export const PASSWORD_HASHES_WAITING_MAX = 20;

assert(FRAME_MAX_BYTES > TEXT_LENGTH_MAX * 6 + 1_000, 'every allowed text must fit into a frame');
assert(SOCKET_BUFFER_MAX_BYTES >= 2 * FRAME_MAX_BYTES, 'one frame must never close a socket');
assert(SILENCE_MAX_MS > 2 * HEARTBEAT_MS, 'one lost ping must not close a connection');
assert(TYPING_REPEATS_MS < TYPING_EXPIRES_MS, 'typing would flicker');
assert(BOT_TURNS_AT_ONCE < INFERENCE_QUEUE_MAX, 'the thread would refuse what was let in');
assert(UTTERANCE_LENGTH_MAX <= TEXT_LENGTH_MAX, 'the bot cannot read more than was allowed');
