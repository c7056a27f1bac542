/** I6: every limit has a name and a sane value, and those that must fit each other do. */
import { describe, expect, it } from 'vitest';
import * as limits from '#core/platform/limits.ts';
import { COMMENT_LENGTH_MAX, PAGE_LENGTH_MAX, TEXT_LENGTH_MAX } from '#core/protocol/commands.ts';
import { RESUME_MAX } from '#core/protocol/frames.ts';

const uuid = '01890000-0000-7000-8000-000000000001';
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('limits', () => {
  it.each(Object.entries(limits))('%s is a whole, positive number', (_name, limit) => {
    expect(Number.isSafeInteger(limit)).toBe(true);
    expect(limit).toBeGreaterThan(0);
  });

  it.each(['\n', '"', 'ü', '€', '\u2028', '\u0001'])(
    'the longest text fits into a frame, also when it is all %j',
    (character) => {
      const text = character.repeat(TEXT_LENGTH_MAX);
      const command = { type: 'message.send', conversation: uuid, text };
      const frame = { t: 'command', id: uuid, command };
      expect(bytes(frame)).toBeLessThan(limits.FRAME_MAX_BYTES);
    },
  );

  it('the longest hello fits into a frame', () => {
    const ids = Array.from({ length: RESUME_MAX }, (_, i) => uuid.slice(0, -3) + String(i + 100));
    const resume = Object.fromEntries(ids.map((id) => [id, Number.MAX_SAFE_INTEGER]));
    const hello = { t: 'hello', protocol: 1, as: 'contact', resume, token: 'x'.repeat(100) };
    expect(bytes(hello)).toBeLessThan(limits.FRAME_MAX_BYTES);
  });

  it('other texts are not longer than a message', () => {
    expect(COMMENT_LENGTH_MAX).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
    expect(PAGE_LENGTH_MAX).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
    expect(limits.UTTERANCE_LENGTH_MAX).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
  });

  it('a contact can resume all his conversations at once', () => {
    expect(limits.CONTACT_CONVERSATIONS_MAX).toBeLessThanOrEqual(RESUME_MAX);
  });

  it('one lost ping closes no connection; hello is expected before the silence counts', () => {
    expect(limits.SILENCE_MAX_MS).toBeGreaterThan(2 * limits.HEARTBEAT_MS);
    expect(limits.HELLO_WITHIN_MS).toBeLessThan(limits.SILENCE_MAX_MS);
  });

  it('a person fills no lane by himself: his bucket runs dry first', () => {
    expect(limits.COMMAND_BURST).toBeLessThan(limits.LANE_QUEUE_MAX);
    expect(limits.COMMANDS_PER_SECOND).toBeLessThan(limits.COMMAND_BURST);
    expect(limits.LANE_QUEUE_MAX).toBeLessThan(limits.COMMITS_WAITING_MAX);
  });
});
