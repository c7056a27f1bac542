/**
 * What may stand in a text. Zero-width and bidirectional controls can hide or reverse text, other
 * controls can break terminals and logs; nobody types them, but pasting brings them along.
 * So clients clean what a person typed, and the server refuses what was not cleaned.
 */

/** Controls except tab and line feed, zero-width (but not the joiner of emoji), bidirectional. */
const CONTROLS = /(?![\n\t])\p{Cc}|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const CONTROLS_ALL = new RegExp(CONTROLS, 'gu');
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = new RegExp(LONE_SURROGATE, 'gu');

export const hasControls = (text: string): boolean =>
  CONTROLS.test(text) || LONE_SURROGATE.test(text);

/** @returns at most `lengthMax` UTF-16 units of `text`, never half a character */
export const cutText = (text: string, lengthMax: number): string =>
  text.slice(0, lengthMax).replace(/[\ud800-\udbff]$/, '');

/** @returns `text` as it may be sent: line ends as \n, no controls, no white space around it */
export const cleanText = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(CONTROLS_ALL, '').replace(LONE_SURROGATES, '\ufffd').trim();
