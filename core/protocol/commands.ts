/**
 * What people ask for. A command is answered by an ack (stored) or a refusal, never by silence.
 * Every text has a limit here, because this is where bad input is turned away.
 */
import * as v from 'valibot';
import { AVAILABILITIES, LANGUAGES } from './entities.ts';
import { hasControls } from './text.ts';

export const TEXT_LENGTH_MAX = 4_000;
export const COMMENT_LENGTH_MAX = 2_000;
export const PAGE_LENGTH_MAX = 300;
export const ID_LENGTH_MAX = 100;

/** UUID in lower case; clients generate version 7. */
const uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));

const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.check((s) => s.trim().length > 0, 'text_empty'),
    v.check((s) => s.length <= lengthMax, 'text_too_long'),
    v.check((s) => !hasControls(s), 'text_control_characters'),
  );

const id = v.pipe(v.string(), v.maxLength(ID_LENGTH_MAX));
const conversation = { conversation: uuid };

export const contactCommand = v.variant('type', [
  v.strictObject({
    type: v.literal('conversation.open'),
    ...conversation,
    language: v.picklist(LANGUAGES),
    page: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(PAGE_LENGTH_MAX),
        v.check((s) => !hasControls(s)),
      ),
    ),
  }),
  v.strictObject({ type: v.literal('message.send'), ...conversation, text: text(TEXT_LENGTH_MAX) }),
  v.strictObject({ type: v.literal('article.choose'), ...conversation, article: id }),
  v.strictObject({ type: v.literal('human.request'), ...conversation }),
  v.strictObject({
    type: v.literal('survey.answer'),
    ...conversation,
    score: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)),
    comment: v.optional(text(COMMENT_LENGTH_MAX)),
  }),
]);

export const agentCommand = v.variant('type', [
  v.strictObject({ type: v.literal('message.send'), ...conversation, text: text(TEXT_LENGTH_MAX) }),
  v.strictObject({ type: v.literal('note.add'), ...conversation, text: text(TEXT_LENGTH_MAX) }),
  v.strictObject({ type: v.literal('conversation.take'), ...conversation }),
  v.strictObject({
    type: v.literal('conversation.release'),
    ...conversation,
    to: v.picklist(['queue', 'bot']),
  }),
  v.strictObject({ type: v.literal('conversation.resolve'), ...conversation }),
]);

export type ContactCommand = v.InferOutput<typeof contactCommand>;
export type AgentCommand = v.InferOutput<typeof agentCommand>;

export { uuid };
export const availability = v.picklist(AVAILABILITIES);
