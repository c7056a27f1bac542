/** The limits of texts, as the protocol has them. */
export { COMMENT_LENGTH_MAX, TEXT_LENGTH_MAX } from '../../../core/protocol/commands.ts';
